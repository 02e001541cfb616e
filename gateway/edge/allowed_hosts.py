"""The names that this gateway answers to."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from starlette.types import Scope

from gateway.settings.validators import is_loopback
from schema.quoting import quote

_PORT: Final = re.compile(r":\d*$")
_NAME: Final = re.compile(r"[a-z0-9_.-]+")
_OWN_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_SETTING: Final = "http.allowed_hosts (UPGRADE_GATEWAY_HTTP__ALLOWED_HOSTS)"


class AllowedHosts:
    """Knows requests by the host they are for.

    Args:
        names: without ports, `*.example.com` for every name below example.com; None for all.
        open_paths: are answered for any host and for none: probes know neither name nor proxy.
    """

    def __init__(self, names: Iterable[str] | None, open_paths: Iterable[str] = ()) -> None:
        listed = [] if names is None else [_normalize(name) for name in names]
        self._is_open = names is None
        self._names = frozenset(name for name in listed if not name.startswith("*"))
        self._suffixes = tuple(name[1:] for name in listed if name.startswith("*"))
        self._open_paths = frozenset(open_paths)

    @classmethod
    def from_settings(
        cls, listen_address: str, allowed: str = "", open_paths: Iterable[str] = ()
    ) -> "AllowedHosts":
        """Choose the names by the address that is listened on, and add those that are allowed.

        On loopback they are this machine's own: a web page could otherwise rebind its name to
        127.0.0.1 and read with the partner's identity. Elsewhere they are all, unless some are
        allowed.
        """
        if not (allowed or is_loopback(listen_address)):
            return cls(None)
        return cls([*_OWN_NAMES, listen_address, *allowed.split()], open_paths)

    def allows(self, scope: Scope) -> bool:
        """Whether a request is meant for this gateway."""
        if self._is_open:
            return True
        hosts = _read_hosts(scope)
        if len(hosts) == 1 and self._matches(hosts[0].lower()):
            return True
        return scope["type"] == "http" and scope.get("path") in self._open_paths

    def explain_rejection(self, scope: Scope) -> str:
        """Explain why a request is not answered."""
        hosts = _read_hosts(scope)
        if len(hosts) != 1:
            return "A request needs one Host header, with a name of this gateway."
        return (
            f"The Host header is {quote(hosts[0])}, which is not a name of this gateway;"
            f" send one that is, or add it to {_SETTING}."
        )

    def _matches(self, host: str) -> bool:
        name = _PORT.sub("", host)
        if name in self._names:
            return True
        name = _normalize(name)
        is_below = bool(_NAME.fullmatch(name)) and name.endswith(self._suffixes)
        return is_below or name in self._names


def _read_hosts(scope: Scope) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]


def _normalize(name: str) -> str:
    """Write a name as others write it: in lower case, without a last dot, addresses short."""
    name = name.lower().removesuffix(".")
    try:
        address = ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return name
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - of IP
