"""GraphQL over WebSocket: the handshake, and one connection after it.

Source: PROTOCOL.md of `graphql-ws`, subprotocol `graphql-transport-ws`.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, Never

import structlog
from starlette.types import Receive, Scope, Send

from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.cancellation.race import race
from gateway.edge.headers import read_authorizations, read_headers
from gateway.edge.http_error import HttpError
from gateway.edge.streaming import StreamExecutor
from gateway.edge.websocket.connection import RESTARTING, WebSocketConfig, WebSocketConnection
from gateway.edge.websocket.messages import (
    SUBPROTOCOL,
    CloseCode,
    CloseConnection,
    ConnectionAck,
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
)
from gateway.edge.websocket.socket import ClientDisconnected, MessageSocket
from schema.errors import LimitExceeded

LOG: Final = structlog.get_logger("gateway.websocket")


class GraphQLOverWebSocket:
    """An ASGI app for the WebSockets of one address."""

    def __init__(
        self, streaming: StreamExecutor, authenticator: Authenticator, config: WebSocketConfig
    ) -> None:
        self._streaming = streaming
        self._authenticator = authenticator
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection to its end."""
        socket = MessageSocket(receive, send, self._config.max_message_bytes())
        try:
            self._config.origins.require_allowed(read_headers(scope))
        except HttpError:
            await socket.reject()
            return
        try:
            await self._serve(scope, socket)
        except CloseConnection as closing:
            await socket.close(closing)
        except ClientDisconnected:
            return
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not self._config.draining.has_begun:
                raise
            task.uncancel()  # by the server, whose patience ended
            await socket.close(CloseConnection(CloseCode.RESTART, RESTARTING))
        except Exception as fault:
            LOG.error("websocket failed", exc_info=fault)
            await socket.close(CloseConnection(CloseCode.INTERNAL, "Something went wrong here."))

    async def _serve(self, scope: Scope, socket: MessageSocket) -> None:
        if SUBPROTOCOL not in scope["subprotocols"]:
            await socket.accept(None)
            reason = f"This gateway speaks {SUBPROTOCOL} alone."
            raise CloseConnection(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason)
        await socket.accept(SUBPROTOCOL)
        init = await self._initialisation(socket)
        authorizations = read_authorizations(scope) or find_authorizations(init)
        caller = await self._caller(authorizations)
        wait_revoked = partial(self._config.credential_monitor.wait_revoked, caller, authorizations)
        try:
            with self._config.connections.acquire(caller.principal):
                await socket.send(ConnectionAck())
                await WebSocketConnection(
                    socket, self._streaming, caller, wait_revoked, self._config
                ).serve()
        except LimitExceeded as reason:
            raise CloseConnection(CloseCode.TRY_AGAIN_LATER, str(reason)) from reason

    async def _initialisation(self, socket: MessageSocket) -> ConnectionInit:
        """Wait for the first message, or for the end of the gateway."""
        try:
            async with asyncio.timeout(self._config.init_within_s):
                return await race(_init(socket), self._restart())
        except TimeoutError as late:
            reason = "Connection initialisation timeout"
            raise CloseConnection(CloseCode.INITIALISATION_TIMEOUT, reason) from late

    async def _restart(self) -> Never:
        await self._config.draining.wait_begun()
        raise CloseConnection(CloseCode.RESTART, RESTARTING)

    async def _caller(self, authorizations: Sequence[bytes]) -> Caller:
        try:
            return await self._authenticator.authenticate(authorizations)
        except Unauthenticated as stranger:
            raise CloseConnection(CloseCode.FORBIDDEN, f"Forbidden: {stranger}") from stranger
        except SigningKeysUnavailable as trouble:
            raise CloseConnection(CloseCode.TRY_AGAIN_LATER, str(trouble)) from trouble


async def _init(socket: MessageSocket) -> ConnectionInit:
    """Return the first message; only pings may come before it."""
    while True:
        match await socket.receive():
            case ConnectionInit() as init:
                return init
            case Ping(payload):
                await socket.send(Pong(payload))
            case Subscribe():
                raise CloseConnection(CloseCode.UNAUTHORIZED, "Unauthorized: initialise first")
            case _:
                pass


def find_authorizations(init: ConnectionInit) -> list[bytes]:
    """Find the header that browsers cannot send with a handshake in what they send after it."""
    payload = init.payload or {}
    given = {**payload, **nested} if isinstance(nested := payload.get("headers"), dict) else payload
    return [
        value.encode()
        for name, value in given.items()
        if name.lower() == "authorization" and isinstance(value, str)
    ]
