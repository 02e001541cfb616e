"""The WebSocket protocol of the gateway, which leaves it to the app when a connection ends.

On a signal uvicorn closes every WebSocket at once, whatever is being answered there.
"""

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from gateway.serving.draining_http import Drainable


class DrainingWebSocket(WebSocketsSansIOProtocol):
    """Serves a Drainable, which closes its connections with 1012 when it has been told."""

    def shutdown(self) -> None:
        """Tell the app; a connection that it has not taken yet, or has closed, is given up."""
        cast("Drainable", self.app).drain()
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
