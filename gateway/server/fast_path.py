"""The HTTP protocol, with a way past ASGI's messages for what nearly all requests need.

An answer as two messages is looked through header by header and written twice, and to hear that a
client has left takes a task that waits for a message.
"""

from collections.abc import Callable
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gateway.asgi import attach_fast_responder
from gateway.server.bounded_http import BoundedHTTP


class FastPathHTTP(BoundedHTTP):
    """Offers `gateway.asgi.Direct` for every request."""

    is_disconnected = False
    on_disconnect: Callable[[], None] | None = None

    def on_headers_complete(self) -> None:
        """Offer it: the app begins in a task of its own, after this."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:  # the same where a WebSocket begins
            attach_fast_responder(cast("Scope", self.scope), CycleFastResponder(self, self.cycle))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever watches. Of the requests of a connection one is answered at a time."""
        super().connection_lost(exc)
        self.is_disconnected = True
        if self.on_disconnect is not None:
            self.on_disconnect()


class CycleFastResponder:
    """One request's way past the messages."""

    __slots__ = ("_cycle", "_protocol")

    def __init__(self, protocol: FastPathHTTP, cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._cycle = cycle

    def respond(self, status: int, fields: bytes, body: bytes) -> bool:
        """Send a response to a client that reads and keeps its connection; as uvicorn would."""
        cycle = self._cycle
        if cycle.flow.write_paused or cycle.disconnected or not cycle.keep_alive:
            return False
        if cycle.scope["method"] == "HEAD":
            return False
        own = b"".join([b"%b: %b\r\n" % pair for pair in cycle.default_headers])
        head = b"%b%b%bcontent-length: %d\r\n\r\n" % (STATUS_LINE[status], own, fields, len(body))
        cycle.transport.writelines((head, body))
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        del cycle.scope[
            "extensions"
        ]  # which holds this, and would keep all until garbage is sought
        return True

    def on_disconnect(self, when_lost: Callable[[], None]) -> None:
        """Have it told of the connection's end."""
        self._protocol.on_disconnect = when_lost
        if self._protocol.is_disconnected:
            self._protocol.loop.call_soon(when_lost)

    def clear_on_disconnect(self) -> None:
        """Tell nobody."""
        self._protocol.on_disconnect = None
