"""One connection of a known caller, from its acknowledgement to its end."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final, Never

from gateway.auth.caller import Caller
from gateway.edge.browsers.origins import AllowedOrigins
from gateway.edge.cancellation.credential_monitor import (
    REVOKED,
    CredentialMonitor,
    RevocationWaiter,
)
from gateway.edge.cancellation.draining import Draining
from gateway.edge.cancellation.race import race
from gateway.edge.pipeline import AcceptedRequest
from gateway.edge.response import GraphQLResponse, RequestRejected, error_response
from gateway.edge.streaming import TOO_MANY_RUNNING, StreamExecutor
from gateway.edge.websocket.messages import (
    CloseCode,
    CloseConnection,
    Complete,
    ConnectionInit,
    Error,
    Next,
    Ping,
    Pong,
    Subscribe,
)
from gateway.edge.websocket.socket import ClientDisconnected, MessageSocket
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from schema.quoting import quote

RESTARTING: Final = "The gateway ends; connect again."


@dataclass(frozen=True, slots=True)
class WebSocketConfig:
    """How WebSockets are taken.

    Attributes:
        connections: how many each caller may have.
        init_within_s: how long a client may take to say `connection_init`.
        max_message_bytes: tells the bound of one message for a connection that begins now.
        running: how many requests each connection may have answered at a time.
        draining: ends connections when the gateway ends.
        recognition: tells when they have lost their caller.
    """

    origins: AllowedOrigins
    connections: ConcurrencyLimit
    init_within_s: float
    max_message_bytes: Callable[[], int]
    running: Limit
    draining: Draining
    credential_monitor: CredentialMonitor


class WebSocketConnection:
    """A connection of a known caller: requests by their ids, each answered in its own time.

    Args:
        lost: waits until the caller is not known any more.
    """

    def __init__(
        self,
        socket: MessageSocket,
        streaming: StreamExecutor,
        caller: Caller,
        wait_revoked: RevocationWaiter,
        config: WebSocketConfig,
    ) -> None:
        self._socket = socket
        self._streaming = streaming
        self._caller = caller
        self._wait_revoked = wait_revoked
        self._config = config
        self._running: dict[str, asyncio.Task[None]] = {}
        self._to_be_answered: set[asyncio.Task[None]] = set()
        self._is_draining = False

    async def serve(self) -> None:
        """Take messages until the client leaves or has to; nothing is answered after that."""
        ended: CloseConnection | ClientDisconnected
        async with asyncio.TaskGroup() as requests:
            try:
                await race(self._handle_messages(requests), self._drain(), self._end_when_revoked())
            except (CloseConnection, ClientDisconnected) as end:
                ended = end
            for task in self._running.values():
                task.cancel()
        raise ended

    async def _handle_messages(self, requests: asyncio.TaskGroup) -> Never:
        while True:
            await self._handle_message(requests)

    async def _drain(self) -> Never:
        """Let what has an end be answered when the gateway ends; what has none is to come back."""
        await self._config.draining.wait_begun()
        self._is_draining = True
        if self._to_be_answered:
            await asyncio.wait(self._to_be_answered)
        raise CloseConnection(CloseCode.RESTART, RESTARTING)

    async def _end_when_revoked(self) -> Never:
        await self._wait_revoked()
        raise CloseConnection(CloseCode.FORBIDDEN, f"Forbidden: {REVOKED}")

    async def _handle_message(self, requests: asyncio.TaskGroup) -> None:
        match await self._socket.receive():
            case Subscribe() as message:
                await self._start_operation(message, requests)
            case Complete(id):
                if (unwanted := self._running.pop(id, None)) is not None:
                    unwanted.cancel()
            case Ping(payload):
                await self._socket.send(Pong(payload))
            case ConnectionInit():
                reason = "Too many initialisation requests"
                raise CloseConnection(CloseCode.TOO_MANY_INITIALISATIONS, reason)
            case Pong():
                pass

    async def _start_operation(self, message: Subscribe, requests: asyncio.TaskGroup) -> None:
        """Let a request be answered; while one is refused, none is read."""
        if message.id in self._running:
            reason = f"Subscriber for {quote(message.id)} already exists"
            raise CloseConnection(CloseCode.SUBSCRIBER_EXISTS, reason)
        if self._is_draining:
            return  # it is sent again to whoever is connected to next
        try:
            accepted = self._accept(message)
        except RequestRejected as refused:
            await self._socket.send(_error_message(message.id, refused.response))
            return
        task = requests.create_task(self._send_responses(message.id, accepted))
        self._running[message.id] = task
        if not accepted.is_subscription:
            self._to_be_answered.add(task)
            task.add_done_callback(self._to_be_answered.discard)

    def _accept(self, message: Subscribe) -> AcceptedRequest:
        bound = self._config.running
        if len(self._running) >= bound.maximum:
            raise RequestRejected(error_response(bound.exceeded(TOO_MANY_RUNNING)))
        return self._streaming.accept(message.payload, self._caller)

    async def _send_responses(self, id: str, accepted: AcceptedRequest) -> None:
        """Send the answers of one request; its id is free again before the client is told."""
        last: Error | Complete = Complete(id)
        with suppress(ClientDisconnected):  # whoever receives finds out, too
            async with aclosing(self._streaming.execute(accepted)) as answers:
                async for answer in answers:
                    if answer.is_rejection:
                        last = _error_message(id, answer)
                        break
                    await self._socket.send(Next(id, answer.to_dict()))
            self._running.pop(id, None)
            await self._socket.send(last)


def _error_message(id: str, answer: GraphQLResponse) -> Error:
    return Error(id, [error.formatted for error in answer.errors])
