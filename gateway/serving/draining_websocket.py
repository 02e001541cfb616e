"""The WebSocket protocol of the gateway, which leaves it to the app when a connection ends.

On a signal uvicorn closes every WebSocket at once, whatever is being answered there.
"""

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.protocol import SEND_EOF

from gateway.serving.draining_http import Drainable


class DrainingWebSocket(WebSocketsSansIOProtocol):
    """Serves a Drainable, which closes its connections with 1012 when it has been told."""

    def shutdown(self) -> None:
        """Tell the app; a connection that it has not taken yet, or has closed, is given up."""
        cast("Drainable", self.app).drain()
        if self.close_sent or not self.handshake_complete:
            super().shutdown()

    def handle_parser_exception(self) -> None:
        """Close because of what the client sends, and let it send the rest.

        uvicorn closes the transport at once. The rest then meets a closed port, and its reset
        takes away the close frame before the client has read it.
        """
        if self.close_sent:
            return
        output = self.conn.data_to_send()
        self.transport.write(b"".join(output))
        self.close_sent = True
        code = self.conn.close_code or CloseCode.ABNORMAL_CLOSURE
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        if SEND_EOF in output:
            self.transport.write_eof()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
