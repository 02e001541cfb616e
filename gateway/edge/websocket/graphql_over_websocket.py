"""GraphQL over WebSocket: handshake, initialization and authentication of a connection.

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
from gateway.edge.cancellation.tasks import race
from gateway.edge.headers import read_authorizations, read_headers
from gateway.edge.response import HttpError
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
    """The ASGI app for WebSockets at the GraphQL path."""

    def __init__(
        self, streaming: StreamExecutor, authenticator: Authenticator, config: WebSocketConfig
    ) -> None:
        self._streaming = streaming
        self._authenticator = authenticator
        self._config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            task.uncancel()  # the server cancelled it at the end of the grace period
            await socket.close(CloseConnection(CloseCode.RESTART, RESTARTING))
        except Exception as fault:
            LOG.error("websocket failed", exc_info=fault)
            await socket.close(
                CloseConnection(CloseCode.INTERNAL, "The gateway has an internal error.")
            )

    async def _serve(self, scope: Scope, socket: MessageSocket) -> None:
        if SUBPROTOCOL not in scope["subprotocols"]:
            await socket.accept(None)
            reason = f"The gateway supports only the subprotocol {SUBPROTOCOL}."
            raise CloseConnection(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason)
        await socket.accept(SUBPROTOCOL)
        init = await self._receive_init(socket)
        authorizations = read_authorizations(scope) or find_authorizations(init)
        caller = await self._authenticate(authorizations)
        wait_revoked = partial(self._config.credential_monitor.wait_revoked, caller, authorizations)
        try:
            with self._config.connections.acquire(caller.principal):
                await socket.send(ConnectionAck())
                await WebSocketConnection(
                    socket, self._streaming, caller, wait_revoked, self._config
                ).serve()
        except LimitExceeded as reason:
            self._streaming.reject(reason)
            raise CloseConnection(CloseCode.TRY_AGAIN_LATER, str(reason)) from reason

    async def _receive_init(self, socket: MessageSocket) -> ConnectionInit:
        """Return `connection_init`. Raises CloseConnection if it is late or the gateway drains."""
        try:
            async with asyncio.timeout(self._config.init_timeout_s):
                return await race(_receive_init(socket), self._wait_drained())
        except TimeoutError as late:
            reason = "Connection initialisation timeout"
            raise CloseConnection(CloseCode.INITIALISATION_TIMEOUT, reason) from late

    async def _wait_drained(self) -> Never:
        await self._config.draining.wait_begun()
        raise CloseConnection(CloseCode.RESTART, RESTARTING)

    async def _authenticate(self, authorizations: Sequence[bytes]) -> Caller:
        try:
            return await self._authenticator.authenticate(authorizations)
        except Unauthenticated as error:
            raise CloseConnection(CloseCode.FORBIDDEN, f"Forbidden: {error}") from error
        except SigningKeysUnavailable as error:
            raise CloseConnection(CloseCode.TRY_AGAIN_LATER, str(error)) from error


async def _receive_init(socket: MessageSocket) -> ConnectionInit:
    """Return the first message that is neither a ping nor a pong."""
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
    """Return the `Authorization` values in the payload of `connection_init`.

    Browsers cannot set headers of a handshake; clients send it as a member of the payload or of the
    payload's `headers`.
    """
    payload = init.payload or {}
    nested = payload.get("headers")
    members = {**payload, **nested} if isinstance(nested, dict) else payload
    return [
        value.encode()
        for name, value in members.items()
        if name.lower() == "authorization" and isinstance(value, str)
    ]
