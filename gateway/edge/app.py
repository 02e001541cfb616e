"""What stands in front: GraphQL first, everything else behind it."""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.allowed_hosts import AllowedHosts
from gateway.edge.cancellation.draining import Draining


class GatewayApp:
    """The gateway as an ASGI app.

    GraphQL is answered without a router and middleware in between, which would cost more than
    the rest of the edge (`benches/edge.py`).

    Args:
        hosts: whom requests may be for.
        direct: apps by their exact paths, for HTTP and WebSocket alike.
        pages: what is at all other paths, with the lifespan of the whole.
        draining: what is told when no more is to begin.
    """

    def __init__(
        self,
        hosts: AllowedHosts,
        direct: Mapping[str, ASGIApp],
        site: Starlette,
        draining: Draining,
    ) -> None:
        self._hosts = hosts
        self._direct = dict(direct)
        self.site = site
        self._draining = draining

    def drain(self) -> None:
        """Let what would never end by itself end: the server waits for all that is open."""
        self._draining.begin()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the app of its path."""
        try:
            if scope["type"] == "lifespan":
                await self.site(scope, receive, send)
            elif self._hosts.allows(scope):
                await self._direct.get(scope["path"], self.site)(scope, receive, send)
            elif scope["type"] == "http":
                await PlainTextResponse(self._hosts.explain_rejection(scope), 400)(
                    scope, receive, send
                )
            else:
                await send({"type": "websocket.close", "code": 1008})
        except asyncio.CancelledError:
            # What was being streamed when the server's patience ended: its connection is closed.
            if not self._draining.has_begun:
                raise
