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
from gateway.edge.cancellation.credential_monitor import REVOKED, RevocationWaiter
from gateway.edge.cancellation.race import race
from gateway.edge.headers import read_authorizations
from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.http.http_response import HttpResponse
from gateway.edge.http.incoming_request import IncomingRequest
from gateway.edge.http.sse import EventStream, StreamConfig
from gateway.edge.http_error import HttpError
from gateway.edge.pipeline import AcceptedRequest
from gateway.edge.response import GraphQLResponse, error_response
from gateway.edge.streaming import TOO_MANY_RUNNING, StreamExecutor
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from schema.errors import InvalidInput, LimitExceeded, NotFound

_TOKEN_HEADER: Final = b"x-graphql-event-stream-token"
_OPENED_WITHIN_S: Final = 30.0
_READ_AHEAD: Final = 8
_UNKNOWN: Final = "There is no such reservation of yours; make one by PUT."
_SECOND: Final = "The stream of this reservation is open already; there is one at a time."
_NO_ID: Final = "Name the operation: extensions.operationId, or operationId in the address."
_SAME_ID: Final = "An operation of this id is running in this stream."

AcceptRequest = Callable[[], Awaitable[AcceptedRequest]]


@dataclass(slots=True, eq=False)
class StreamReservation:
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


class SseSingleConnection:
    """The reservations of this process.

    Args:
        connections: how many each caller may have.
        running: how many requests each may have answered at a time.
        new_token: makes what nobody can guess.
    """

    def __init__(
        self,
        streaming: StreamExecutor,
        connections: ConcurrencyLimit,
        running: Limit,
        config: StreamConfig,
        new_token: Callable[[], str],
    ) -> None:
        self._streaming = streaming
        self._connections = connections
        self._bound = running
        self._config = config
        self._new_token = new_token
        self._reservations: dict[str, StreamReservation] = {}

    @staticmethod
    def matches(request: IncomingRequest) -> bool:
        """Whether a request is about a reservation."""
        return (
            request.scope["method"] in ("PUT", "DELETE")
            or _TOKEN_HEADER in request.headers
            or "token" in _reservation_parameters(request)
        )

    async def handle(
        self, request: IncomingRequest, caller: Caller, admit: AcceptRequest
    ) -> HttpResponse | EventStream:
        """Do what is asked of a reservation. Raises HTTPRefusal, and what `admit` raises."""
        method, given = request.scope["method"], _reservation_parameters(request)
        if method == "PUT":
            return self._reserve(caller)
        token = request.headers.get(_TOKEN_HEADER, b"").decode("latin-1")
        reservation = self._reservations.get(token or given.get("token", ""))
        if reservation is None or reservation.principal != caller.principal:
            raise HttpError(404, NotFound(_UNKNOWN))
        if method == "DELETE":
            return _stop_operation(reservation, given.get("operationId", ""))
        if request.accepted.prefers_event_stream:
            return self._open(reservation, request)
        return self._start_operation(reservation, await admit(), read_authorizations(request.scope))

    def _reserve(self, caller: Caller) -> HttpResponse:
        held = ExitStack()
        try:
            held.enter_context(self._connections.acquire(caller.principal))
        except LimitExceeded as reason:
            raise HttpError(429, reason) from reason
        token = self._new_token()
        reservation = self._reservations[token] = StreamReservation(token, caller.principal, held)
        loop = asyncio.get_running_loop()
        reservation.expiry = loop.call_later(_OPENED_WITHIN_S, self._discard, reservation)
        return HttpResponse(201, MediaType.TEXT, token.encode())

    def _open(self, reservation: StreamReservation, request: IncomingRequest) -> EventStream:
        if reservation.is_open:
            raise HttpError(409, InvalidInput(_SECOND))
        reservation.is_open = True
        return EventStream(self._events(reservation), request.receive, self._config)

    async def _events(self, reservation: StreamReservation) -> AsyncGenerator[bytes, None]:
        if reservation.expiry is not None:
            reservation.expiry.cancel()
        try:
            while True:
                yield await reservation.events.get()
        finally:
            self._discard(reservation)

    def _discard(self, reservation: StreamReservation) -> None:
        """Forget a reservation with all that runs in it; mutations go on."""
        if self._reservations.pop(reservation.token, None) is not None:
            reservation.held.close()
            for task in reservation.running.values():
                task.cancel()

    def _start_operation(
        self,
        reservation: StreamReservation,
        accepted: AcceptedRequest,
        authorizations: Sequence[bytes],
    ) -> HttpResponse:
        operation_id = (accepted.request.extensions or {}).get("operationId")
        if not isinstance(operation_id, str) or not operation_id:
            raise HttpError(400, InvalidInput(_NO_ID))
        if operation_id in reservation.running:
            raise HttpError(409, InvalidInput(_SAME_ID))
        if len(reservation.running) >= self._bound.maximum:
            raise HttpError(429, self._bound.exceeded(TOO_MANY_RUNNING))
        wait_revoked = partial(
            self._config.credential_monitor.wait_revoked, accepted.caller, authorizations
        )
        work = self._run_operation(reservation, operation_id, accepted, wait_revoked)
        reservation.running[operation_id] = asyncio.create_task(work)
        return HttpResponse(202, MediaType.TEXT, b"")

    async def _run_operation(
        self,
        reservation: StreamReservation,
        operation_id: str,
        accepted: AcceptedRequest,
        wait_revoked: RevocationWaiter,
    ) -> None:
        """Answer one request; what is followed, as long as its caller is known."""
        ends = [self._send_responses(reservation, operation_id, accepted)]
        if accepted.is_subscription:
            ends.append(self._send_when_revoked(wait_revoked, reservation, operation_id))
        await race(*ends)
        reservation.running.pop(operation_id, None)
        await reservation.events.put(_encode_event(b"complete", {"id": operation_id}))

    async def _send_responses(
        self, reservation: StreamReservation, operation_id: str, accepted: AcceptedRequest
    ) -> None:
        """Put the answers of one request into the stream, as fast as its client reads them."""
        async with aclosing(self._streaming.execute(accepted)) as answers:
            async for answer in answers:
                await reservation.events.put(_encode_next(operation_id, answer))

    async def _send_when_revoked(
        self, wait_revoked: RevocationWaiter, reservation: StreamReservation, operation_id: str
    ) -> None:
        await wait_revoked()
        await reservation.events.put(
            _encode_next(operation_id, error_response(Unauthenticated(REVOKED)))
        )


def _reservation_parameters(request: IncomingRequest) -> dict[str, str]:
    """Read what the address says of a reservation; most addresses say nothing."""
    query_string = request.scope["query_string"]
    if not query_string:
        return {}
    pairs = parse_qsl(query_string.decode("latin-1"))
    return {name: value for name, value in pairs if name in ("token", "operationId")}


def _stop_operation(reservation: StreamReservation, operation_id: str) -> HttpResponse:
    if not operation_id:
        raise HttpError(400, InvalidInput(_NO_ID))
    task = reservation.running.pop(operation_id, None)
    if task is not None:
        task.cancel()
    return HttpResponse(200, MediaType.TEXT, b"")


def _encode_next(operation_id: str, answer: GraphQLResponse) -> bytes:
    return _encode_event(b"next", {"id": operation_id, "payload": answer.to_dict()})


def _encode_event(name: bytes, told: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name, msgspec.json.encode(told))
