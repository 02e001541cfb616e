"""The WebSocket protocol of the gateway, which leaves it to the app when a connection ends.

On a signal uvicorn closes every WebSocket at once, whatever is being answered there.
"""

from typing import Final, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode

from gateway.server.draining_http import Drainable

IDLE_BEFORE_CLOSE_S: Final = 1.0


class DrainingWebSocket(WebSocketsSansIOProtocol):
    """Serves a Drainable, which closes its connections with 1012 when it has been told."""

    _close_deadline_s: float | None = None

    def shutdown(self) -> None:
        """Tell the app; a connection that it has not taken yet, or has closed, is given up."""
        cast("Drainable", self.app).drain()
        if self.close_sent or not self.handshake_complete:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Read messages; what comes after one that cannot be read is thrown away."""
        if self._close_deadline_s is None:
            super().data_received(data)
        else:
            self._close_when_idle(self._close_deadline_s)

    def handle_parser_exception(self) -> None:
        """Close because of what the client sends, and let it send the rest.

        uvicorn closes the transport at once. The rest then meets a closed port, and its reset
        takes away the close frame before the client has read it.
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
        closes_by_s = self.loop.time() + self.close_timeout
        if self.conn.parser_exc is None:  # a text that is not UTF-8: the close frame is answered
            self.close_timer = self.loop.call_at(closes_by_s, self.transport.close)
        else:
            self._close_deadline_s = closes_by_s
            self._close_when_idle(closes_by_s)

    def _close_when_idle(self, at_latest_s: float) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        idle_s = self.loop.time() + IDLE_BEFORE_CLOSE_S
        self.close_timer = self.loop.call_at(min(idle_s, at_latest_s), self.transport.close)
