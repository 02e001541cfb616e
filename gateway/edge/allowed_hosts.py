"""Checks the Host header against the gateway's names, as a defence against DNS rebinding."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from starlette.types import Scope

from gateway.settings.validators import is_loopback
from schema.quoting import quote

_PORT: Final = re.compile(r":\d*$")
_NAME: Final = re.compile(r"[a-z0-9_.-]+")
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_SETTING: Final = "http.allowed_hosts (UPGRADE_GATEWAY_HTTP__ALLOWED_HOSTS)"


class AllowedHosts:
    """The host names that requests may be sent to.

    Args:
        names: allowed names without ports; None allows all. `*.example.com` allows every name
            below example.com.
        open_paths: paths that accept any host or none, because probes know neither name nor proxy.
    """

    def __init__(self, names: Iterable[str] | None, open_paths: Iterable[str] = ()) -> None:
        normalized = [] if names is None else [_normalize(name) for name in names]
        self._allows_all = names is None
        self._names = frozenset(name for name in normalized if not name.startswith("*"))
        self._suffixes = tuple(name[1:] for name in normalized if name.startswith("*"))
        self._open_paths = frozenset(open_paths)

    @classmethod
    def from_settings(
        cls, listen_address: str, allowed: str = "", open_paths: Iterable[str] = ()
    ) -> "AllowedHosts":
        """Allow loopback names, the listen address and the names in `allowed`.

        All names are allowed if the address is not loopback and `allowed` is empty. On loopback, a
        web page could otherwise rebind its name to 127.0.0.1 and read with the partner's identity.
        """
        if not (allowed or is_loopback(listen_address)):
            return cls(None)
        return cls([*_LOOPBACK_NAMES, listen_address, *allowed.split()], open_paths)

    def allows(self, scope: Scope) -> bool:
        if self._allows_all:
            return True
        hosts = _read_hosts(scope)
        if len(hosts) == 1 and self._matches(hosts[0].lower()):
            return True
        return scope["type"] == "http" and scope.get("path") in self._open_paths

    def explain_rejection(self, scope: Scope) -> str:
        hosts = _read_hosts(scope)
        if len(hosts) != 1:
            return f"The request has {len(hosts)} Host headers. Send one with the gateway's name."
        return (
            f"The Host header {quote(hosts[0])} is not a name of this gateway. Use an allowed name"
            f" or add this one to {_SETTING}."
        )

    def _matches(self, host: str) -> bool:
        name = _PORT.sub("", host)
        if name in self._names:
            return True
        name = _normalize(name)
        is_subdomain = bool(_NAME.fullmatch(name)) and name.endswith(self._suffixes)
        return is_subdomain or name in self._names


def _read_hosts(scope: Scope) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]


def _normalize(name: str) -> str:
    """Return a name in lower case without a final dot; an IP address in its short form."""
    name = name.lower().removesuffix(".")
    try:
        address = ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return name
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6
