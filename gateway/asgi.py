"""The words of ASGI that Starlette's types have no name for, and one that is the gateway's own."""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from starlette.types import Scope

Header: TypeAlias = tuple[bytes, bytes]
"""A name in lower case and a value."""

_EXTENSION: Final = "upgrade_gateway.direct"


class FastResponder(Protocol):
    """What the gateway's own server offers for a request besides messages, which cost more."""

    def respond(self, status: int, fields: bytes, body: bytes) -> bool:
        """Send a whole response at once; whether that was possible, or messages are to be sent.

        Args:
            status: of the response.
            fields: header fields as they are sent, each with its end of line; the length is added.
            body: all of it.
        """
        ...

    def on_disconnect(self, when_lost: Callable[[], None]) -> None:
        """Have it told once when the client has hung up, even if that was before."""
        ...

    def clear_on_disconnect(self) -> None:
        """Have nobody told."""
        ...


def get_fast_responder(scope: Scope) -> FastResponder | None:
    """Return what a request's server offers; None for servers that know nothing of it."""
    extensions = scope.get("extensions")
    found: FastResponder | None = extensions.get(_EXTENSION) if extensions else None
    return found


def attach_fast_responder(scope: Scope, direct: FastResponder) -> None:
    """Offer it for a request."""
    scope["extensions"] = {_EXTENSION: direct}
