"""What stands in front: GraphQL first, everything else behind it."""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.hosts import Hosts
from gateway.edge.lifetimes.draining import Draining


class Front:
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
        self, hosts: Hosts, direct: Mapping[str, ASGIApp], pages: Starlette, draining: Draining
    ) -> None:
        self._hosts = hosts
        self._direct = dict(direct)
        self.pages = pages
        self._draining = draining

    def drain(self) -> None:
        """Let what would never end by itself end: the server waits for all that is open."""
        self._draining.begin()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the app of its path."""
        try:
            if scope["type"] == "lifespan":
                await self.pages(scope, receive, send)
            elif self._hosts.answer_to(scope):
                await self._direct.get(scope["path"], self.pages)(scope, receive, send)
            elif scope["type"] == "http":
                await PlainTextResponse(self._hosts.refusal(scope), 400)(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
        except asyncio.CancelledError:
            # What was being streamed when the server's patience ended: its connection is closed.
            if not self._draining.has_begun:
                raise
