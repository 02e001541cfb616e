"""The HTTP protocol of the gateway, which tells it when the server stops.

On a signal uvicorn waits for every response that is not complete: for event streams in vain, as
they have no end of their own.
"""

from typing import Protocol, cast

from gateway.server.fast_path import FastPathHTTP


class Drainable(Protocol):
    """An app that can be told."""

    def drain(self) -> None:
        """Let what would never end by itself end."""
        ...


class DrainingHTTP(FastPathHTTP):
    """Serves a Drainable."""

    def shutdown(self) -> None:
        """Tell the app, once for each connection: more often than needed does no harm."""
        cast("Drainable", self.app).drain()
        super().shutdown()
