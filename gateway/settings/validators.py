"""Checks the addresses that are set."""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
SECRET_PARAMETERS: Final = (
    "password",
    "sslpassword",
    "oauth_client_secret",
    "scram_client_key",
    "scram_server_key",
)
_PERCENT_ENCODE: Final = (
    "expected a user name and a password that are percent-encoded: a blank as %20, '#' as %23,"
    " '%' as %25, '/' as %2F, ':' as %3A, '?' as %3F, '@' as %40"
)

NO_PROXY: Final = "none"
"""In place of a proxy's URL: there is none, whatever the environment says."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_ip_address(host: str) -> bool:
    """Whether `host` is no name; one of version 6 may be in brackets, as in a URL."""
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def validate_base_url(url: str) -> str:
    """Return the URL without a final slash; raises ValueError unless it is scheme, host and port.

    Tokens are sent there, so it must be https except on this machine itself.
    """
    split = _split(url)
    if split.username is not None or split.password is not None:
        raise ValueError("expected no user name or password in it; partner.auth says who asks")
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError("expected a URL such as https://api.partnercenter.microsoft.com")
    if split.path.strip("/") or split.query or split.fragment:
        raise ValueError("expected scheme, host and port alone, without '/v1' or anything after it")
    if split.scheme == "http" and not is_loopback(split.hostname):
        raise ValueError("expected https, because tokens are sent there; http is for loopback")
    return url.rstrip("/")


def validate_token_url(url: str) -> str:
    """Return the URL of an issuer or of its keys as it is, which is how tokens name it.

    Raises ValueError unless it is https, or http on loopback: keys that somebody could exchange
    on their way would verify anything.
    """
    split = _split(url)
    if split.scheme not in ("http", "https") or not split.hostname or split.username is not None:
        raise ValueError("expected a URL such as https://login.example.com/tenant/v2.0")
    if split.scheme == "http" and not is_loopback(split.hostname):
        raise ValueError("expected https, because tokens are verified with what it says")
    return url


def validate_proxy(url: str) -> None:
    """Raise ValueError, which shows nothing of the URL, unless it is a proxy's."""
    try:
        split = urlsplit(url)
        is_address = bool(split.hostname) and split.port != 0
    except ValueError:
        is_address = False
    if not is_address or split.scheme not in ("http", "https"):
        raise ValueError("expected the URL of an HTTP proxy, such as http://proxy.example:3128")


def validate_url_credentials(url: str) -> None:
    """Raise ValueError unless it is certain where user name and password end in a URL.

    Every reader of URLs guesses differently where a raw `@` or `/` belongs, and quotes as a host or
    a port what was a part of the password. The text quotes nothing.
    """
    rest = url.partition("://")[2]
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    is_printable = rest.isprintable() and not re.search(r"\s", rest)
    is_encoded = is_printable and "#" not in rest and not _STRAY_PERCENT.search(rest)
    if not is_encoded or rest.count("@") > 1 or authority.count("@") != rest.count("@"):
        raise ValueError(_PERCENT_ENCODE)


def find_passwords(url: str) -> list[str]:
    """Find the passwords in the URL of a database, as they are before they are encoded."""
    rest = url.partition("://")[2]
    userinfo = rest.rpartition("@")[0]
    parameters = parse_qsl(rest.partition("?")[2])
    found = [unquote(userinfo.partition(":")[2])]
    found += [value for name, value in parameters if name in SECRET_PARAMETERS]
    return [each for each in found if each]


def _split(url: str) -> SplitResult:
    try:
        split = urlsplit(url)
        _ = split.port  # parsed only when asked for
    except ValueError:  # whose text quotes what may be a password
        raise ValueError(
            "expected a URL whose host is a name or an address and whose port is a number"
        ) from None
    return split
