"""The gateway's ASGI app: dispatches each request by protocol and path."""

import asyncio
from typing import Final

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.allowed_hosts import AllowedHosts
from gateway.edge.cancellation.draining import Draining
from gateway.edge.factory import GraphQLApps
from gateway.edge.site.graphiql import GraphiQLPage

GRAPHQL_PATH: Final = "/graphql"
_POLICY_VIOLATION: Final = 1008  # RFC 6455, section 7.4.1


class GatewayApp:
    """Dispatches each request to the app for its protocol and path.

    GraphQL requests do not pass through a router or middleware, which would cost more than the rest
    of the edge (`benches/edge.py`).

    Args:
        hosts: the allowed Host headers.
        graphql: the apps at `/graphql`.
        graphiql: the page that browsers get at `/graphql`; None for none.
        site: every other path, and the lifespan of the whole app.
        draining: signalled when the server begins to stop.
    """

    def __init__(
        self,
        hosts: AllowedHosts,
        graphql: GraphQLApps,
        graphiql: GraphiQLPage | None,
        site: Starlette,
        draining: Draining,
    ) -> None:
        self._hosts = hosts
        self._graphql = graphql
        self._graphiql = graphiql
        self.site = site
        self._draining = draining

    def drain(self) -> None:
        """End streams that would never end by themselves, because the server waits for them."""
        self._draining.begin()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["type"] == "lifespan" or self._hosts.allows(scope):
                await self._find_app(scope)(scope, receive, send)
            elif scope["type"] == "http":
                text = self._hosts.explain_rejection(scope)
                await PlainTextResponse(text, 400)(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        except asyncio.CancelledError:
            # A stream that outlasted the grace period; the server closes its connection.
            if not self._draining.has_begun:
                raise

    def _find_app(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "lifespan" or scope["path"] != GRAPHQL_PATH:
            return self.site
        if scope["type"] == "websocket":
            return self._graphql.websocket
        if self._graphiql is not None and scope["method"] in ("GET", "HEAD"):
            return self._graphiql if self._graphiql.is_preferred(scope) else self._graphql.http
        return self._graphql.http
