"""ASGI types that Starlette does not define, and an ASGI extension of the gateway's own server."""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from starlette.types import ASGIApp, Scope

Header: TypeAlias = tuple[bytes, bytes]
"""A lower-case name and a value."""

_EXTENSION: Final = "upgrade_gateway.fast_responder"


# Heads that differ only in the values of these mean the same. Only the parser interprets one of
# them: Content-Length, to find the end of a body.
UNINTERPRETED_HEADERS: Final = frozenset(
    {
        b"content-length",
        *(b"traceparent", b"tracestate", b"baggage", b"sentry-trace", b"b3"),
        *(b"x-request-id", b"x-correlation-id", b"x-client-request-id", b"request-id"),
        *(b"x-b3-traceid", b"x-b3-spanid", b"x-b3-parentspanid"),
        *(b"x-datadog-trace-id", b"x-datadog-parent-id", b"elastic-apm-traceparent", b"newrelic"),
        *(b"uber-trace-id", b"x-amzn-trace-id", b"x-cloud-trace-context"),
    }
)


class HeadMemo:
    """Remembers how to handle requests whose head repeats that of the connection's last request.

    Attributes:
        app: handles requests with this head; set by the app that handled the first of them. It may
            depend on every part of the head except the values of `UNINTERPRETED_HEADERS`.
    """

    __slots__ = ("app",)

    def __init__(self) -> None:
        self.app: ASGIApp | None = None


class FastResponder(Protocol):
    """Transfers a request's body, response and disconnect. ASGI messages would cost more."""

    @property
    def head_memo(self) -> HeadMemo | None:
        """The memo that all requests with this head share; None if the head is not remembered."""
        ...

    def take_body(self) -> bytes | None:
        """Return the whole body, at most once; None if it must be received as ASGI messages."""
        ...

    def respond(self, status: int, fields: bytes, body: bytes) -> bool:
        """Send a complete response; return False if the caller has to send it as ASGI messages.

        `fields` are serialized header lines, each with its CRLF; Content-Length is added to them.
        """
        ...

    def on_disconnect(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when the client disconnects, or now if it already has."""
        ...

    def clear_on_disconnect(self) -> None: ...


def get_fast_responder(scope: Scope) -> FastResponder | None:
    """Return the responder of a request; None unless the gateway's own server received it."""
    extensions = scope.get("extensions")
    found: FastResponder | None = extensions.get(_EXTENSION) if extensions else None
    return found


def attach_fast_responder(scope: Scope, responder: FastResponder) -> None:
    scope["extensions"] = {_EXTENSION: responder}
