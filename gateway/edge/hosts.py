"""The names that this gateway answers to."""

import re
from collections.abc import Iterable
from typing import Final

from starlette.types import Scope

from gateway.settings.addresses import is_loopback

_PORT: Final = re.compile(rb":\d*$")


class Hosts:
    """Knows requests by the host they are for.

    Args:
        names: in lower case, without ports; None for every name there is.
    """

    def __init__(self, names: Iterable[str] | None) -> None:
        self._names = None if names is None else frozenset(name.encode() for name in names)

    @classmethod
    def of(cls, listening_on: str) -> "Hosts":
        """Choose the names by the address that is listened on.

        On loopback they are this machine's own: a web page could otherwise rebind its name to
        127.0.0.1 and read with the partner's identity. Elsewhere a proxy in front knows the names.
        """
        if not is_loopback(listening_on):
            return cls(None)
        return cls(["localhost", "127.0.0.1", "[::1]", listening_on.lower()])

    def answer_to(self, scope: Scope) -> bool:
        """Whether a request is meant for this gateway."""
        if self._names is None:
            return True
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        return len(hosts) == 1 and _PORT.sub(b"", hosts[0].lower()) in self._names
