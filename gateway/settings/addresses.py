"""Checks the addresses that are set."""

import ipaddress
from urllib.parse import SplitResult, urlsplit


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


def _split(url: str) -> SplitResult:
    try:
        split = urlsplit(url)
        _ = split.port  # parsed only when asked for
    except ValueError as error:
        raise ValueError(f"expected a URL: {error}") from error
    return split
