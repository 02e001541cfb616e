"""The protocols of the gateway's server, which let the app end its connections at shutdown.

At shutdown, uvicorn waits for every unfinished response, but event streams never end by themselves.
It closes every WebSocket at once, although requests may still be running there.
"""

from typing import Final, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode

from gateway.server.repeated_head import RepeatedHeadHTTP

IDLE_BEFORE_CLOSE_S: Final = 1.0


class Drainable(Protocol):
    """An app that ends its streams and WebSockets at shutdown."""

    def drain(self) -> None:
        """Start to end streams and WebSockets. May be called several times."""
        ...


class DrainingHTTP(RepeatedHeadHTTP):
    def shutdown(self) -> None:
        # Called once for each connection.
        cast("Drainable", self.app).drain()
        super().shutdown()


class DrainingWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket connection that the app, not the server, closes at shutdown, with code 1012."""

    _close_deadline_s: float | None = None

    def shutdown(self) -> None:
        """Drain the app.

        Closes the connection itself if the app has not accepted or has closed it.
        """
        cast("Drainable", self.app).drain()
        if self.close_sent or not self.handshake_complete:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Parse messages. After an invalid one, the rest is discarded."""
        if self._close_deadline_s is None:
            super().data_received(data)
        else:
            self._close_when_idle(self._close_deadline_s)

    def handle_parser_exception(self) -> None:
        """Send the close frame, and close the connection once the client has stopped sending.

        uvicorn closes it at once. If the client still sends data to the closed port, a reset
        discards the close frame before the client reads it.
        """
        if self.close_sent:
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        code = self.conn.close_code or CloseCode.ABNORMAL_CLOSURE
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        deadline_s = self.loop.time() + self.close_timeout
        if self.conn.parser_exc is None:  # invalid UTF-8: the client responds to the close frame
            self.close_timer = self.loop.call_at(deadline_s, self.transport.close)
        else:
            self._close_deadline_s = deadline_s
            self._close_when_idle(deadline_s)

    def _close_when_idle(self, deadline_s: float) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        idle_s = self.loop.time() + IDLE_BEFORE_CLOSE_S
        self.close_timer = self.loop.call_at(min(idle_s, deadline_s), self.transport.close)
