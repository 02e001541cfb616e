"""Validates addresses, tokens and customer ids in settings and files."""

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from schema.guids import EXAMPLE_GUID, GUID

_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
SECRET_PARAMETERS: Final = (
    "password",
    "sslpassword",
    "oauth_client_secret",
    "scram_client_key",
    "scram_server_key",
)
_PERCENT_ENCODE: Final = (
    "expected a percent-encoded user name and password: a space as %20, '#' as %23, '%' as %25,"
    " '/' as %2F, ':' as %3A, '?' as %3F, '@' as %40"
)
_MAX_SHOWN_CHARS: Final = 80

NO_PROXY: Final = "none"
"""Stands in place of a proxy URL: use no proxy, whatever the environment says."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_ip_address(host: str) -> bool:
    """Whether `host` is an IP address; a version 6 address may be in brackets, as in a URL."""
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def validate_base_url(url: str) -> str:
    """Return the URL without a final slash.

    Raises ValueError unless it consists of scheme, host and port. It must be https, because tokens
    are sent to it; http is allowed on loopback.
    """
    split = _split(url)
    if split.username is not None or split.password is not None:
        raise ValueError("expected a URL without user name and password; set partner.auth instead")
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ValueError("expected a URL such as https://api.partnercenter.microsoft.com")
    if split.path.strip("/") or split.query or split.fragment:
        raise ValueError("expected only scheme, host and port, without '/v1' or any other path")
    if split.scheme == "http" and not is_loopback(split.hostname):
        raise ValueError(
            "expected https, because tokens are sent to it; http is allowed on loopback only"
        )
    return url.rstrip("/")


def validate_token_url(url: str) -> str:
    """Return the URL of an issuer or its keys unchanged, because tokens contain exactly this text.

    Raises ValueError unless it is https, or http on loopback. An attacker who replaces the keys in
    transit could forge every token.
    """
    split = _split(url)
    if split.scheme not in ("http", "https") or not split.hostname or split.username is not None:
        raise ValueError("expected a URL such as https://login.example.com/tenant/v2.0")
    if split.scheme == "http" and not is_loopback(split.hostname):
        raise ValueError(
            "expected https, because its keys verify tokens; http is allowed on loopback only"
        )
    return url


def validate_proxy(url: str) -> None:
    """Raise ValueError unless this is the URL of an HTTP proxy. The error does not show the URL."""
    try:
        split = urlsplit(url)
        is_address = bool(split.hostname) and split.port != 0
    except ValueError:
        is_address = False
    if not is_address or split.scheme not in ("http", "https"):
        raise ValueError("expected the URL of an HTTP proxy, such as http://proxy.example:3128")


def validate_url_credentials(url: str) -> None:
    """Raise ValueError if the end of user name and password in a URL is ambiguous.

    URL parsers disagree about a raw `@` or `/`, and their errors may quote a part of the password
    as the host or port. The error raised here shows nothing of the URL.
    """
    rest = url.partition("://")[2]
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    is_printable = rest.isprintable() and not re.search(r"\s", rest)
    is_encoded = is_printable and "#" not in rest and not _STRAY_PERCENT.search(rest)
    if not is_encoded or rest.count("@") > 1 or authority.count("@") != rest.count("@"):
        raise ValueError(_PERCENT_ENCODE)


def find_passwords(url: str) -> list[str]:
    """Return the decoded passwords in a database URL."""
    rest = url.partition("://")[2]
    userinfo = rest.rpartition("@")[0]
    parameters = parse_qsl(rest.partition("?")[2])
    found = [unquote(userinfo.partition(":")[2])]
    found += [value for name, value in parameters if name in SECRET_PARAMETERS]
    return [each for each in found if each]


def validate_token(text: str, name: str = "") -> str:
    """Return a token without surrounding whitespace.

    Args:
        text: the configured value.
        name: the option or variable, for the error.

    Raises:
        ValueError: it cannot be sent in a header. The error does not show the token.
    """
    token = text.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        expected = "expected only the token, without 'Bearer', spaces or line breaks"
        raise ValueError(f"{name}: {expected}" if name else expected)
    return token


def validate_customer_id(text: str) -> str:
    """Return the id unchanged. Raises ValueError unless it is a GUID."""
    if GUID.fullmatch(text):
        return text
    shown = text[:_MAX_SHOWN_CHARS]
    raise ValueError(
        f"no customer has the id {shown!r}; expected a tenant id such as {EXAMPLE_GUID}"
    )


def _split(url: str) -> SplitResult:
    try:
        split = urlsplit(url)
        _ = split.port  # urlsplit parses the port lazily
    except ValueError:  # its text may quote a password
        raise ValueError(
            "expected a URL whose host is a name or an address and whose port is a number"
        ) from None
    return split
