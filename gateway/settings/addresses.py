"""Checks the addresses that are set."""

import ipaddress
from typing import Final
from urllib.parse import SplitResult, urlsplit

NO_PROXY: Final = "none"
"""In place of a proxy's URL: there is none, whatever the environment says."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def checked_base_url(url: str) -> str:
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


def checked_token_url(url: str) -> str:
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


def check_proxy(url: str) -> None:
    """Raise ValueError, which shows nothing of the URL, unless it is a proxy's."""
    try:
        split = urlsplit(url)
        is_address = bool(split.hostname) and split.port != 0
    except ValueError:
        is_address = False
    if not is_address or split.scheme not in ("http", "https"):
        raise ValueError("expected the URL of an HTTP proxy, such as http://proxy.example:3128")


def _split(url: str) -> SplitResult:
    try:
        split = urlsplit(url)
        _ = split.port  # parsed only when asked for
    except ValueError as error:
        raise ValueError(f"expected a URL: {error}") from error
    return split
