"""One event stream for many requests: a client reserves it, opens it, and sends requests to it.

Source: PROTOCOL.md of `graphql-sse`, "Single connection mode". A reservation is known to the
process that made it: several of them need a proxy that sends a client to one.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from gateway.auth.caller import Caller
from gateway.auth.errors import Unauthenticated
from gateway.edge.answer import Answer, refusal_of
from gateway.edge.headers import authorizations_of
from gateway.edge.http.exchange import Exchange
from gateway.edge.http.negotiate import MediaType
from gateway.edge.http.reply import Reply
from gateway.edge.http.sse import EventStream, StreamRules
from gateway.edge.lifetimes.first import first_of
from gateway.edge.lifetimes.recognition import LOST, Lost
from gateway.edge.pipeline import Admitted
from gateway.edge.refusal import HTTPRefusal
from gateway.edge.streaming import TOO_MANY, Streaming
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from schema.problems import BadInput, LimitExceeded, NotFound

_TOKEN_HEADER: Final = b"x-graphql-event-stream-token"
_OPENED_WITHIN_S: Final = 30.0
_READ_AHEAD: Final = 8
_UNKNOWN: Final = "There is no such reservation of yours; make one by PUT."
_SECOND: Final = "The stream of this reservation is open already; there is one at a time."
_NO_ID: Final = "Name the operation: extensions.operationId, or operationId in the address."
_SAME_ID: Final = "An operation of this id is running in this stream."

Admit = Callable[[], Awaitable[Admitted]]


@dataclass(slots=True, eq=False)
class Reservation:
    """A stream that is to be opened, or is open.

    Attributes:
        held: what it counts for; given back when it is dropped.
    """

    token: str
    principal: str
    held: ExitStack
    expiry: asyncio.TimerHandle | None = None
    is_open: bool = False
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    events: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(_READ_AHEAD))


class SingleConnection:
    """The reservations of this process.

    Args:
        connections: how many each caller may have.
        running: how many requests each may have answered at a time.
        new_token: makes what nobody can guess.
    """

    def __init__(
        self,
        streaming: Streaming,
        connections: ConcurrencyLimit,
        running: Limit,
        rules: StreamRules,
        new_token: Callable[[], str],
    ) -> None:
        self._streaming = streaming
        self._connections = connections
        self._bound = running
        self._rules = rules
        self._new_token = new_token
        self._reservations: dict[str, Reservation] = {}

    @staticmethod
    def concerns(exchange: Exchange) -> bool:
        """Whether a request is about a reservation."""
        return (
            exchange.scope["method"] in ("PUT", "DELETE")
            or _TOKEN_HEADER in exchange.headers
            or "token" in _given(exchange)
        )

    async def answer(self, exchange: Exchange, caller: Caller, admit: Admit) -> Reply | EventStream:
        """Do what is asked of a reservation. Raises HTTPRefusal, and what `admit` raises."""
        method, given = exchange.scope["method"], _given(exchange)
        if method == "PUT":
            return self._reserve(caller)
        token = exchange.headers.get(_TOKEN_HEADER, b"").decode("latin-1")
        reservation = self._reservations.get(token or given.get("token", ""))
        if reservation is None or reservation.principal != caller.principal:
            raise HTTPRefusal(404, NotFound(_UNKNOWN))
        if method == "DELETE":
            return _stop(reservation, given.get("operationId", ""))
        if exchange.accepted.prefers_events:
            return self._open(reservation, exchange)
        return self._run(reservation, await admit(), authorizations_of(exchange.scope))

    def _reserve(self, caller: Caller) -> Reply:
        held = ExitStack()
        try:
            held.enter_context(self._connections.acquire(caller.principal))
        except LimitExceeded as reason:
            raise HTTPRefusal(429, reason) from reason
        token = self._new_token()
        reservation = self._reservations[token] = Reservation(token, caller.principal, held)
        loop = asyncio.get_running_loop()
        reservation.expiry = loop.call_later(_OPENED_WITHIN_S, self._drop, reservation)
        return Reply(201, MediaType.TEXT, token.encode())

    def _open(self, reservation: Reservation, exchange: Exchange) -> EventStream:
        if reservation.is_open:
            raise HTTPRefusal(409, BadInput(_SECOND))
        reservation.is_open = True
        return EventStream(self._events(reservation), exchange.receive, self._rules)

    async def _events(self, reservation: Reservation) -> AsyncGenerator[bytes, None]:
        if reservation.expiry is not None:
            reservation.expiry.cancel()
        try:
            while True:
                yield await reservation.events.get()
        finally:
            self._drop(reservation)

    def _drop(self, reservation: Reservation) -> None:
        """Forget a reservation with all that runs in it; mutations go on."""
        if self._reservations.pop(reservation.token, None) is not None:
            reservation.held.close()
            for task in reservation.running.values():
                task.cancel()

    def _run(
        self, reservation: Reservation, admitted: Admitted, authorizations: Sequence[bytes]
    ) -> Reply:
        operation_id = (admitted.request.extensions or {}).get("operationId")
        if not isinstance(operation_id, str) or not operation_id:
            raise HTTPRefusal(400, BadInput(_NO_ID))
        if operation_id in reservation.running:
            raise HTTPRefusal(409, BadInput(_SAME_ID))
        if len(reservation.running) >= self._bound.maximum:
            raise HTTPRefusal(429, self._bound.exceeded(TOO_MANY))
        lost = partial(self._rules.recognition.lost, admitted.caller, authorizations)
        work = self._answer(reservation, operation_id, admitted, lost)
        reservation.running[operation_id] = asyncio.create_task(work)
        return Reply(202, MediaType.TEXT, b"")

    async def _answer(
        self, reservation: Reservation, operation_id: str, admitted: Admitted, lost: Lost
    ) -> None:
        """Answer one request; what is followed, as long as its caller is known."""
        ends = [self._tell(reservation, operation_id, admitted)]
        if admitted.is_followed:
            ends.append(self._tell_when(lost, reservation, operation_id))
        await first_of(*ends)
        reservation.running.pop(operation_id, None)
        await reservation.events.put(_event(b"complete", {"id": operation_id}))

    async def _tell(self, reservation: Reservation, operation_id: str, admitted: Admitted) -> None:
        """Put the answers of one request into the stream, as fast as its client reads them."""
        async with aclosing(self._streaming.answers(admitted)) as answers:
            async for answer in answers:
                await reservation.events.put(_next(operation_id, answer))

    async def _tell_when(self, lost: Lost, reservation: Reservation, operation_id: str) -> None:
        await lost()
        await reservation.events.put(_next(operation_id, refusal_of(Unauthenticated(LOST))))


def _given(exchange: Exchange) -> dict[str, str]:
    """Read what the address says of a reservation; most addresses say nothing."""
    query_string = exchange.scope["query_string"]
    if not query_string:
        return {}
    pairs = parse_qsl(query_string.decode("latin-1"))
    return {name: value for name, value in pairs if name in ("token", "operationId")}


def _stop(reservation: Reservation, operation_id: str) -> Reply:
    if not operation_id:
        raise HTTPRefusal(400, BadInput(_NO_ID))
    task = reservation.running.pop(operation_id, None)
    if task is not None:
        task.cancel()
    return Reply(200, MediaType.TEXT, b"")


def _next(operation_id: str, answer: Answer) -> bytes:
    return _event(b"next", {"id": operation_id, "payload": answer.content()})


def _event(name: bytes, told: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name, msgspec.json.encode(told))
