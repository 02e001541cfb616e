"""One address for GraphQL, whatever the protocol."""

from starlette.types import ASGIApp, Receive, Scope, Send


class GraphQLEndpoint:
    """Hands WebSockets to one app and everything else to another."""

    def __init__(self, over_http: ASGIApp, over_websocket: ASGIApp) -> None:
        self._over_http = over_http
        self._over_websocket = over_websocket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one connection."""
        is_websocket = scope["type"] == "websocket"
        app = self._over_websocket if is_websocket else self._over_http
        await app(scope, receive, send)
