"""One connection of a known caller, from its acknowledgement to its end."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final, Never

from gateway.auth.caller import Caller
from gateway.edge.answer import Answer, Refused, refusal_of
from gateway.edge.browsers.origins import Origins
from gateway.edge.lifetimes.draining import Draining
from gateway.edge.lifetimes.first import first_of
from gateway.edge.lifetimes.recognition import LOST, Lost, Recognition
from gateway.edge.pipeline import Admitted
from gateway.edge.streaming import TOO_MANY, Streaming
from gateway.edge.websocket.messages import (
    CloseCode,
    Closing,
    Complete,
    ConnectionInit,
    Error,
    Next,
    Ping,
    Pong,
    Subscribe,
)
from gateway.edge.websocket.socket import Disconnected, Socket
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from schema.quoting import quote

RESTARTING: Final = "The gateway ends; connect again."


@dataclass(frozen=True, slots=True)
class WebSocketRules:
    """How WebSockets are taken.

    Attributes:
        connections: how many each caller may have.
        init_within_s: how long a client may take to say `connection_init`.
        max_message_bytes: tells the bound of one message for a connection that begins now.
        running: how many requests each connection may have answered at a time.
        draining: ends connections when the gateway ends.
        recognition: tells when they have lost their caller.
    """

    origins: Origins
    connections: ConcurrencyLimit
    init_within_s: float
    max_message_bytes: Callable[[], int]
    running: Limit
    draining: Draining
    recognition: Recognition


class Connection:
    """A connection of a known caller: requests by their ids, each answered in its own time.

    Args:
        lost: waits until the caller is not known any more.
    """

    def __init__(
        self,
        socket: Socket,
        streaming: Streaming,
        caller: Caller,
        lost: Lost,
        rules: WebSocketRules,
    ) -> None:
        self._socket = socket
        self._streaming = streaming
        self._caller = caller
        self._lost = lost
        self._rules = rules
        self._running: dict[str, asyncio.Task[None]] = {}
        self._to_be_answered: set[asyncio.Task[None]] = set()
        self._is_draining = False

    async def serve(self) -> None:
        """Take messages until the client leaves or has to; nothing is answered after that."""
        ended: Closing | Disconnected
        async with asyncio.TaskGroup() as requests:
            try:
                await first_of(self._take_all(requests), self._drain(), self._lose())
            except (Closing, Disconnected) as end:
                ended = end
            for task in self._running.values():
                task.cancel()
        raise ended

    async def _take_all(self, requests: asyncio.TaskGroup) -> Never:
        while True:
            await self._take(requests)

    async def _drain(self) -> Never:
        """Let what has an end be answered when the gateway ends; what has none is to come back."""
        await self._rules.draining.begun()
        self._is_draining = True
        if self._to_be_answered:
            await asyncio.wait(self._to_be_answered)
        raise Closing(CloseCode.RESTART, RESTARTING)

    async def _lose(self) -> Never:
        await self._lost()
        raise Closing(CloseCode.FORBIDDEN, f"Forbidden: {LOST}")

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
        """Let a request be answered; while one is refused, none is read."""
        if message.id in self._running:
            reason = f"Subscriber for {quote(message.id)} already exists"
            raise Closing(CloseCode.SUBSCRIBER_EXISTS, reason)
        if self._is_draining:
            return  # it is sent again to whoever is connected to next
        try:
            admitted = self._admitted(message)
        except Refused as refused:
            await self._socket.send(_error(message.id, refused.answer))
            return
        task = requests.create_task(self._answer(message.id, admitted))
        self._running[message.id] = task
        if not admitted.is_followed:
            self._to_be_answered.add(task)
            task.add_done_callback(self._to_be_answered.discard)

    def _admitted(self, message: Subscribe) -> Admitted:
        bound = self._rules.running
        if len(self._running) >= bound.maximum:
            raise Refused(refusal_of(bound.exceeded(TOO_MANY)))
        return self._streaming.admit(message.payload, self._caller)

    async def _answer(self, id: str, admitted: Admitted) -> None:
        """Send the answers of one request; its id is free again before the client is told."""
        last: Error | Complete = Complete(id)
        with suppress(Disconnected):  # whoever receives finds out, too
            async with aclosing(self._streaming.answers(admitted)) as answers:
                async for answer in answers:
                    if answer.is_refusal:
                        last = _error(id, answer)
                        break
                    await self._socket.send(Next(id, answer.content()))
            self._running.pop(id, None)
            await self._socket.send(last)


def _error(id: str, answer: Answer) -> Error:
    return Error(id, [error.formatted for error in answer.errors])
