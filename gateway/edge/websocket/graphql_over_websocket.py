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
from gateway.edge.headers import authorizations_of, headers_of
from gateway.edge.lifetimes.first import first_of
from gateway.edge.refusal import HTTPRefusal
from gateway.edge.streaming import Streaming
from gateway.edge.websocket.connection import RESTARTING, Connection, WebSocketRules
from gateway.edge.websocket.messages import (
    SUBPROTOCOL,
    CloseCode,
    Closing,
    ConnectionAck,
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
)
from gateway.edge.websocket.socket import Disconnected, Socket
from schema.problems import LimitExceeded

LOG: Final = structlog.get_logger("gateway.websocket")


class GraphQLOverWebSocket:
    """An ASGI app for the WebSockets of one address."""

    def __init__(
        self, streaming: Streaming, authenticator: Authenticator, rules: WebSocketRules
    ) -> None:
        self._streaming = streaming
        self._authenticator = authenticator
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection to its end."""
        socket = Socket(receive, send, self._rules.max_message_bytes())
        try:
            self._rules.origins.check(headers_of(scope))
        except HTTPRefusal:
            await socket.refuse()
            return
        try:
            await self._serve(scope, socket)
        except Closing as closing:
            await socket.close(closing)
        except Disconnected:
            return
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not self._rules.draining.has_begun:
                raise
            task.uncancel()  # by the server, whose patience ended
            await socket.close(Closing(CloseCode.RESTART, RESTARTING))
        except Exception as fault:
            LOG.error("websocket failed", exc_info=fault)
            await socket.close(Closing(CloseCode.INTERNAL, "Something went wrong here."))

    async def _serve(self, scope: Scope, socket: Socket) -> None:
        if SUBPROTOCOL not in scope["subprotocols"]:
            await socket.accept(None)
            reason = f"This gateway speaks {SUBPROTOCOL} alone."
            raise Closing(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason)
        await socket.accept(SUBPROTOCOL)
        init = await self._initialisation(socket)
        authorizations = authorizations_of(scope) or authorizations_in(init)
        caller = await self._caller(authorizations)
        lost = partial(self._rules.recognition.lost, caller, authorizations)
        try:
            with self._rules.connections.acquire(caller.principal):
                await socket.send(ConnectionAck())
                await Connection(socket, self._streaming, caller, lost, self._rules).serve()
        except LimitExceeded as reason:
            raise Closing(CloseCode.TRY_AGAIN_LATER, str(reason)) from reason

    async def _initialisation(self, socket: Socket) -> ConnectionInit:
        """Wait for the first message, or for the end of the gateway."""
        try:
            async with asyncio.timeout(self._rules.init_within_s):
                return await first_of(_init(socket), self._restart())
        except TimeoutError as late:
            reason = "Connection initialisation timeout"
            raise Closing(CloseCode.INITIALISATION_TIMEOUT, reason) from late

    async def _restart(self) -> Never:
        await self._rules.draining.begun()
        raise Closing(CloseCode.RESTART, RESTARTING)

    async def _caller(self, authorizations: Sequence[bytes]) -> Caller:
        try:
            return await self._authenticator.authenticate(authorizations)
        except Unauthenticated as stranger:
            raise Closing(CloseCode.FORBIDDEN, f"Forbidden: {stranger}") from stranger
        except SigningKeysUnavailable as trouble:
            raise Closing(CloseCode.TRY_AGAIN_LATER, str(trouble)) from trouble


async def _init(socket: Socket) -> ConnectionInit:
    """Return the first message; only pings may come before it."""
    while True:
        match await socket.receive():
            case ConnectionInit() as init:
                return init
            case Ping(payload):
                await socket.send(Pong(payload))
            case Subscribe():
                raise Closing(CloseCode.UNAUTHORIZED, "Unauthorized: initialise first")
            case _:
                pass


def authorizations_in(init: ConnectionInit) -> list[bytes]:
    """Find the header that browsers cannot send with a handshake in what they send after it."""
    payload = init.payload or {}
    given = {**payload, **nested} if isinstance(nested := payload.get("headers"), dict) else payload
    return [
        value.encode()
        for name, value in given.items()
        if name.lower() == "authorization" and isinstance(value, str)
    ]
