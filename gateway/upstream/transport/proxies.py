"""The proxies for URLs, from the settings or from the environment."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from gateway.settings.validators import NO_PROXY, validate_proxy

_SCHEMES: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class ProxyConfig:
    """The proxies that requests are sent through.

    Attributes:
        by_scheme: the URL of the proxy for `http` and for `https`, if there is one.
        exempt: hosts that are reached without a proxy: names with all their subdomains, addresses,
            networks.
    """

    by_scheme: Mapping[str, str] = field(default_factory=dict, repr=False)  # may contain passwords
    exempt: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.by_scheme)

    def find_proxy(self, url: str) -> str | None:
        """Return the URL of the proxy for a URL; None if it is reached directly."""
        split = urlsplit(url)
        proxy = self.by_scheme.get(split.scheme)
        if proxy is None or not split.hostname:
            return None
        host, port = split.hostname, split.port or (443 if split.scheme == "https" else 80)
        return None if any(_matches(entry, host, port) for entry in self.exempt) else proxy


def load_proxy_config(setting: str, environ: Mapping[str, str]) -> ProxyConfig:
    """Read `partner.proxy`, or else `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.

    Raises ValueError with the name of a variable that is not the URL of a usable proxy.
    """
    if setting == NO_PROXY:
        return ProxyConfig()
    if setting:
        return ProxyConfig(dict.fromkeys(_SCHEMES, setting))
    found = {scheme: _read_proxy(f"{scheme}_proxy", environ) for scheme in _SCHEMES}
    fallback = None if all(found.values()) else _read_proxy("all_proxy", environ)
    by_scheme = {scheme: proxy or fallback for scheme, proxy in found.items()}
    return ProxyConfig(
        {scheme: proxy for scheme, proxy in by_scheme.items() if proxy},
        tuple(filter(None, re.split(r"[\s,]+", _read_variable("no_proxy", environ).lower()))),
    )


def _read_proxy(name: str, environ: Mapping[str, str]) -> str | None:
    value = _read_variable(name, environ)
    if not value:
        return None
    proxy = value if "://" in value else f"http://{value}"
    try:
        validate_proxy(proxy)
    except ValueError as problem:
        raise ValueError(
            f"{name.upper()} is not the URL of a usable proxy: {problem}."
            f" Correct it, or set partner.proxy; '{NO_PROXY}' means no proxy."
        ) from None
    return proxy


def _read_variable(name: str, environ: Mapping[str, str]) -> str:
    """Read a variable in either case. The lower case one comes first, as in other programs."""
    return environ.get(name, environ.get(name.upper(), "")).strip()


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass
    name, _, its_port = entry.lstrip("*").lstrip(".").partition(":")
    if its_port and its_port != str(port):
        return False
    return bool(name) and (host == name or host.endswith(f".{name}"))
