"""GraphQL over WebSocket: the handshake, and one connection after it.

Source: PROTOCOL.md of `graphql-ws`, subprotocol `graphql-transport-ws`.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.types import Receive, Scope, Send

from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.unauthenticated import KeysUnavailable, Unauthenticated
from gateway.edge.answer import Answer, refusal_of
from gateway.edge.browsers.origins import Origins
from gateway.edge.headers import authorizations_of, headers_of
from gateway.edge.refusal import HTTPRefusal
from gateway.edge.streaming import TOO_MANY, Streaming
from gateway.edge.websocket.messages import (
    SUBPROTOCOL,
    CloseCode,
    Closing,
    Complete,
    ConnectionAck,
    ConnectionInit,
    Error,
    Next,
    Ping,
    Pong,
    Subscribe,
)
from gateway.edge.websocket.socket import Disconnected, Socket
from gateway.limits.bound import Bound
from gateway.limits.held import Held
from schema.problems import LimitExceeded

LOG: Final = structlog.get_logger("gateway.websocket")


@dataclass(frozen=True, slots=True)
class WebSocketRules:
    """How WebSockets are taken.

    Attributes:
        connections: how many each caller may have.
        init_within_s: how long a client may take to say `connection_init`.
        max_message_bytes: tells the bound of one message for a connection that begins now.
        running: how many requests each connection may have answered at a time.
    """

    origins: Origins
    connections: Held
    init_within_s: float
    max_message_bytes: Callable[[], int]
    running: Bound


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
        caller = await self._caller(authorizations_of(scope) or authorizations_in(init))
        try:
            with self._rules.connections.one_more(caller.principal):
                await socket.send(ConnectionAck())
                await Connection(socket, self._streaming, caller, self._rules.running).serve()
        except LimitExceeded as reason:
            raise Closing(CloseCode.TRY_AGAIN_LATER, str(reason)) from reason

    async def _initialisation(self, socket: Socket) -> ConnectionInit:
        """Wait for the first message; only pings may come before it."""
        try:
            async with asyncio.timeout(self._rules.init_within_s):
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
        except TimeoutError as late:
            reason = "Connection initialisation timeout"
            raise Closing(CloseCode.INITIALISATION_TIMEOUT, reason) from late

    async def _caller(self, authorizations: Sequence[bytes]) -> Caller:
        try:
            return await self._authenticator.authenticate(authorizations)
        except Unauthenticated as stranger:
            raise Closing(CloseCode.FORBIDDEN, f"Forbidden: {stranger}") from stranger
        except KeysUnavailable as trouble:
            raise Closing(CloseCode.TRY_AGAIN_LATER, str(trouble)) from trouble


def authorizations_in(init: ConnectionInit) -> list[bytes]:
    """Find the header that browsers cannot send with a handshake in what they send after it."""
    payload = init.payload or {}
    given = {**payload, **nested} if isinstance(nested := payload.get("headers"), dict) else payload
    return [
        value.encode()
        for name, value in given.items()
        if name.lower() == "authorization" and isinstance(value, str)
    ]


class Connection:
    """A connection of a known caller: requests by their ids, each answered in its own time."""

    def __init__(self, socket: Socket, streaming: Streaming, caller: Caller, bound: Bound) -> None:
        self._bound = bound
        self._socket = socket
        self._streaming = streaming
        self._caller = caller
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Take messages until the client leaves or has to; nothing is answered after that."""
        ended: Closing | Disconnected
        async with asyncio.TaskGroup() as requests:
            try:
                while True:
                    await self._take(requests)
            except (Closing, Disconnected) as end:
                ended = end
            for task in self._running.values():
                task.cancel()
        raise ended

    async def _take(self, requests: asyncio.TaskGroup) -> None:
        match await self._socket.receive():
            case Subscribe() as message:
                await self._begin(message, requests)
            case Complete(id):
                if (unwanted := self._running.pop(id, None)) is not None:
                    unwanted.cancel()
            case Ping(payload):
                await self._socket.send(Pong(payload))
            case ConnectionInit():
                reason = "Too many initialisation requests"
                raise Closing(CloseCode.TOO_MANY_INITIALISATIONS, reason)
            case Pong():
                pass

    async def _begin(self, message: Subscribe, requests: asyncio.TaskGroup) -> None:
        """Let a request be answered; while one beyond the bound is refused, none is read."""
        if message.id in self._running:
            reason = f"Subscriber for {message.id[:50]} already exists"
            raise Closing(CloseCode.SUBSCRIBER_EXISTS, reason)
        if len(self._running) >= self._bound.most:
            await self._socket.send(_error(message.id, refusal_of(self._bound.exceeded(TOO_MANY))))
            return
        self._running[message.id] = requests.create_task(self._answer(message))

    async def _answer(self, message: Subscribe) -> None:
        """Send the answers of one request; its id is free again before the client is told."""
        last: Error | Complete = Complete(message.id)
        with suppress(Disconnected):  # whoever receives finds out, too
            async with aclosing(self._streaming.asked(message.payload, self._caller)) as answers:
                async for answer in answers:
                    if answer.is_refusal:
                        last = _error(message.id, answer)
                        break
                    await self._socket.send(Next(message.id, answer.content()))
            self._running.pop(message.id, None)
            await self._socket.send(last)


def _error(id: str, answer: Answer) -> Error:
    return Error(id, [error.formatted for error in answer.errors])
