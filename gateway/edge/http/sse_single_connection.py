"""Single connection mode of SSE: many requests whose responses share one event stream.

A client reserves a stream (PUT), opens it (GET) and sends requests to it (POST). A reservation
exists only in the process that made it, so several processes need a proxy with sticky sessions.
Source: PROTOCOL.md of `graphql-sse`, "Single connection mode".
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import msgspec

from gateway.auth.caller import Caller
from gateway.auth.errors import Unauthenticated
from gateway.edge.cancellation.credential_monitor import REVOKED, RevocationWaiter
from gateway.edge.cancellation.tasks import race
from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.http.http_response import HttpResponse
from gateway.edge.http.incoming_request import IncomingRequest
from gateway.edge.http.sse import EventStream, StreamConfig
from gateway.edge.http.stream_parameters import TOKEN_HEADER, read_parameters
from gateway.edge.pipeline import AcceptedRequest
from gateway.edge.response import GraphQLResponse, HttpError, error_response
from gateway.edge.streaming import TOO_MANY_RUNNING, StreamExecutor
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from schema.errors import InvalidInput, LimitExceeded, NotFound

_OPEN_TIMEOUT_S: Final = 30.0
_QUEUED_EVENTS: Final = 8
_UNKNOWN_STREAM: Final = "You have no stream with this token. Reserve one with PUT."
_ALREADY_OPEN: Final = "This stream is already open. Reserve another one with PUT."
_NO_OPERATION_ID: Final = (
    "The operation id is missing. Send extensions.operationId, or operationId in the URL to stop"
    " one."
)
_DUPLICATE_ID: Final = "An operation with this id is already running on this stream."

AcceptRequest = Callable[[], Awaitable[AcceptedRequest]]


@dataclass(slots=True, eq=False)
class StreamReservation:
    """A stream that is reserved for a caller; its events may not be requested yet.

    Attributes:
        connection_slot: counts as one of the caller's connections until the reservation is
            discarded.
    """

    token: str
    principal: str
    connection_slot: ExitStack
    expiry: asyncio.TimerHandle | None = None
    is_open: bool = False
    running: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    events: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(_QUEUED_EVENTS))


class SseSingleConnection:
    """Handles requests in SSE's single connection mode, where many requests share one stream.

    Args:
        connections: limits the streams of each caller.
        running: limits the requests in progress on one stream.
        new_token: returns a token that cannot be guessed.
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
        self._running = running
        self._config = config
        self._new_token = new_token
        self._reservations: dict[str, StreamReservation] = {}

    async def handle(
        self, incoming: IncomingRequest, caller: Caller, accept: AcceptRequest
    ) -> HttpResponse | EventStream:
        """Reserve, open or stop a stream, or start a request on it.

        Raises HttpError and the errors of `accept`.
        """
        method, parameters = incoming.head.method, read_parameters(incoming.scope)
        if method == "PUT":
            return self._reserve(caller)
        token = incoming.head.headers.get(TOKEN_HEADER, b"").decode("latin-1")
        reservation = self._reservations.get(token or parameters.get("token", ""))
        if reservation is None or reservation.principal != caller.principal:
            raise HttpError(404, NotFound(_UNKNOWN_STREAM))
        if method == "DELETE":
            return _stop_operation(reservation, parameters.get("operationId", ""))
        if incoming.head.accepted.prefers_event_stream:
            return self._open(reservation, incoming)
        authorizations = incoming.head.authorizations
        return self._start_operation(reservation, await accept(), authorizations)

    def _reserve(self, caller: Caller) -> HttpResponse:
        slot = ExitStack()
        try:
            slot.enter_context(self._connections.acquire(caller.principal))
        except LimitExceeded as reason:
            raise HttpError(429, reason) from reason
        token = self._new_token()
        reservation = self._reservations[token] = StreamReservation(token, caller.principal, slot)
        loop = asyncio.get_running_loop()
        reservation.expiry = loop.call_later(_OPEN_TIMEOUT_S, self._discard, reservation)
        return HttpResponse(201, MediaType.TEXT, token.encode())

    def _open(self, reservation: StreamReservation, incoming: IncomingRequest) -> EventStream:
        if reservation.is_open:
            raise HttpError(409, InvalidInput(_ALREADY_OPEN))
        reservation.is_open = True
        return EventStream(self._events(reservation), incoming.receive, self._config)

    async def _events(self, reservation: StreamReservation) -> AsyncGenerator[bytes, None]:
        if reservation.expiry is not None:
            reservation.expiry.cancel()
        try:
            while True:
                yield await reservation.events.get()
        finally:
            self._discard(reservation)

    def _discard(self, reservation: StreamReservation) -> None:
        """Forget a reservation and cancel its requests; mutations continue."""
        if self._reservations.pop(reservation.token, None) is not None:
            reservation.connection_slot.close()
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
            raise HttpError(400, InvalidInput(_NO_OPERATION_ID))
        if operation_id in reservation.running:
            raise HttpError(409, InvalidInput(_DUPLICATE_ID))
        if len(reservation.running) >= self._running.maximum:
            raise HttpError(429, self._running.exceeded(TOO_MANY_RUNNING))
        monitor = self._config.credential_monitor
        wait_revoked = partial(monitor.wait_revoked, accepted.caller, authorizations)
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
        """Send the responses of one request; a subscription ends when its credential is revoked."""
        ends = [self._send_responses(reservation, operation_id, accepted)]
        if accepted.is_subscription:
            ends.append(self._send_when_revoked(wait_revoked, reservation, operation_id))
        await race(*ends)
        reservation.running.pop(operation_id, None)
        await reservation.events.put(_encode_event(b"complete", {"id": operation_id}))

    async def _send_responses(
        self, reservation: StreamReservation, operation_id: str, accepted: AcceptedRequest
    ) -> None:
        async with aclosing(self._streaming.execute(accepted)) as responses:
            async for response in responses:
                await reservation.events.put(_encode_next(operation_id, response))

    async def _send_when_revoked(
        self, wait_revoked: RevocationWaiter, reservation: StreamReservation, operation_id: str
    ) -> None:
        await wait_revoked()
        response = error_response(Unauthenticated(REVOKED))
        await reservation.events.put(_encode_next(operation_id, response))


def _stop_operation(reservation: StreamReservation, operation_id: str) -> HttpResponse:
    if not operation_id:
        raise HttpError(400, InvalidInput(_NO_OPERATION_ID))
    task = reservation.running.pop(operation_id, None)
    if task is not None:
        task.cancel()
    return HttpResponse(200, MediaType.TEXT, b"")


def _encode_next(operation_id: str, response: GraphQLResponse) -> bytes:
    return _encode_event(b"next", {"id": operation_id, "payload": response.to_dict()})


def _encode_event(name: bytes, data: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name, msgspec.json.encode(data))
