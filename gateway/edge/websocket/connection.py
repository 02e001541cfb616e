"""One authenticated WebSocket connection, from its acknowledgement to its end."""

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
from gateway.edge.cancellation.tasks import race
from gateway.edge.pipeline import AcceptedRequest
from gateway.edge.response import GraphQLResponse, RequestRejected
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

RESTARTING: Final = "The gateway is restarting. Connect again."


@dataclass(frozen=True, slots=True)
class WebSocketConfig:
    """How WebSocket connections are accepted and ended.

    Attributes:
        connections: limits the connections of each caller.
        init_timeout_s: the time for the client to send `connection_init`.
        max_message_bytes: returns the current limit; read once for each connection.
        running: limits the requests in progress on one connection.
    """

    origins: AllowedOrigins
    connections: ConcurrencyLimit
    init_timeout_s: float
    max_message_bytes: Callable[[], int]
    running: Limit
    draining: Draining
    credential_monitor: CredentialMonitor


class WebSocketConnection:
    """Executes the requests of one connection concurrently, by their ids.

    Args:
        wait_revoked: returns when the caller's credential is no longer accepted.
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
        self._finite: set[asyncio.Task[None]] = set()  # queries and mutations
        self._is_draining = False

    async def serve(self) -> Never:
        """Handle messages until the connection ends. Raises CloseConnection, ClientDisconnected.

        Cancels all requests at the end, except mutations, which still complete.
        """
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
        """Close after queries and mutations have completed; clients subscribe again elsewhere."""
        await self._config.draining.wait_begun()
        self._is_draining = True
        if self._finite:
            await asyncio.wait(self._finite)
        raise CloseConnection(CloseCode.RESTART, RESTARTING)

    async def _end_when_revoked(self) -> Never:
        await self._wait_revoked()
        raise CloseConnection(CloseCode.FORBIDDEN, f"Forbidden: {REVOKED}")

    async def _handle_message(self, requests: asyncio.TaskGroup) -> None:
        match await self._socket.receive():
            case Subscribe() as message:
                await self._start_request(message, requests)
            case Complete(id):
                if (task := self._running.pop(id, None)) is not None:
                    task.cancel()
            case Ping(payload):
                await self._socket.send(Pong(payload))
            case ConnectionInit():
                reason = "Too many initialisation requests"
                raise CloseConnection(CloseCode.TOO_MANY_INITIALISATIONS, reason)
            case Pong():
                pass

    async def _start_request(self, message: Subscribe, requests: asyncio.TaskGroup) -> None:
        if message.id in self._running:
            reason = f"Subscriber for {quote(message.id)} already exists"
            raise CloseConnection(CloseCode.SUBSCRIBER_EXISTS, reason)
        if self._is_draining:
            return  # the client sends it again after it has reconnected
        try:
            accepted = self._accept(message)
        except RequestRejected as rejected:
            # Sent before the next message is read, which slows down a client that floods.
            await self._socket.send(_error_message(message.id, rejected.response))
            return
        task = requests.create_task(self._send_responses(message.id, accepted))
        self._running[message.id] = task
        if not accepted.is_subscription:
            self._finite.add(task)
            task.add_done_callback(self._finite.discard)

    def _accept(self, message: Subscribe) -> AcceptedRequest:
        limit = self._config.running
        if len(self._running) >= limit.maximum:
            raise RequestRejected(self._streaming.reject(limit.exceeded(TOO_MANY_RUNNING)))
        return self._streaming.accept(message.payload, self._caller)

    async def _send_responses(self, id: str, accepted: AcceptedRequest) -> None:
        last: Error | Complete = Complete(id)
        with suppress(ClientDisconnected):  # `receive` raises it too
            async with aclosing(self._streaming.execute(accepted)) as responses:
                async for response in responses:
                    if response.is_rejection:
                        last = _error_message(id, response)
                        break
                    await self._socket.send(Next(id, response.to_dict()))
            # Before the last message: the client may reuse the id as soon as it has received it.
            self._running.pop(id, None)
            await self._socket.send(last)


def _error_message(id: str, response: GraphQLResponse) -> Error:
    return Error(id, [error.formatted for error in response.errors])
