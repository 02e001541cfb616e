"""ASGI types that Starlette does not define, and an ASGI extension of the gateway's own server."""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from starlette.types import Scope

Header: TypeAlias = tuple[bytes, bytes]
"""A lower-case name and a value."""

_EXTENSION: Final = "upgrade_gateway.fast_responder"


class FastResponder(Protocol):
    """Passes bodies, responses and disconnects without ASGI messages, which cost more."""

    def take_body(self) -> bytes | None:
        """Return the whole body, once; None if it must be received as messages."""
        ...

    def respond(self, status: int, fields: bytes, body: bytes) -> bool:
        """Send a complete response; return False if it must be sent as messages instead.

        `fields` are serialized header lines, each with its CRLF; Content-Length is added to them.
        """
        ...

    def on_disconnect(self, callback: Callable[[], None]) -> None:
        """Call back once when the client disconnects, or now if it already has."""
        ...

    def clear_on_disconnect(self) -> None:
        """Remove the callback."""
        ...


def get_fast_responder(scope: Scope) -> FastResponder | None:
    """Return the responder of a request; None if the server is another one."""
    extensions = scope.get("extensions")
    found: FastResponder | None = extensions.get(_EXTENSION) if extensions else None
    return found


def attach_fast_responder(scope: Scope, responder: FastResponder) -> None:
    scope["extensions"] = {_EXTENSION: responder}
