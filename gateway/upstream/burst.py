"""Bursts: the reads that a request starts in one tick of the event loop are sent together.

The way of a read::

    ReadBursts.read     charges the request; joins an identical read in flight, or starts one
    Burst.start         at the end of the tick, once for all reads of a request: token, headers,
                        rate limits, slots
    SharedRead.send     writes the request: at once, or when the semaphore has a place for it
    SharedRead.end      the response has arrived: frees the slot, decodes, wakes all that wait

What is rare continues in a task by the rules for single reads (`reads.py`): a retry, a closed rate
limit, no token or no connection at hand.
"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from gateway.upstream.call import Call
from gateway.upstream.errors import Unavailable, UpstreamError
from gateway.upstream.rate_limits import RateLimitScope
from gateway.upstream.reads import deadline_exceeded
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.scope import RequestScope
from gateway.upstream.shared_read import ReadPromise, SharedRead
from gateway.upstream.shared_timeouts import SharedTimeouts
from gateway.upstream.transport.base import GetSender, HeaderPairs, is_header_text
from resolvers.promise import Promise

T = TypeVar("T")


class ReadBursts:
    """Collects the reads that requests start in one tick of the event loop.

    The reads of a tick are sent together. All requests that wait for the same read share its value,
    or its error: if each repeated the read, one failure would become many. A read is cancelled when
    no request waits for it any more.

    Attributes:
        sent: how many reads were started.
        shared: how many reads joined one in flight.
    """

    create_read: Callable[..., SharedRead] = SharedRead

    def __init__(self, sender: RequestSender) -> None:
        self.sender = sender
        self.timeouts = SharedTimeouts()
        self.sent = 0
        self.shared = 0
        self.in_flight: dict[Hashable, SharedRead] = {}
        self.cancelled: set[asyncio.Task[None]] = set()  # tasks that have not ended yet
        self._starting: dict[RequestScope, Burst] = {}

    def read(
        self, key: Hashable, call: Call, scope: RequestScope, decode: Callable[[bytes], T]
    ) -> Promise[T]:
        """Wait for the read of `key` that is in flight, or start it.

        Args:
            key: equal for reads that may be shared.
            call: a call to a safe endpoint.
            scope: the request that is charged.
            decode: called once for all requests that share the read.
        """
        burst = self._starting.get(scope)
        if burst is None:
            burst = self._begin(scope)
        try:
            scope.budget.spend()
        except UpstreamError as error:
            return Promise.rejected(error)
        if burst.remaining_s <= 0:
            return Promise.rejected(deadline_exceeded(scope))
        read = self.in_flight.get(key)
        if read is None:
            read = self.in_flight[key] = self.create_read(burst, key, call, decode)
            burst.reads.append(read)
            self.sent += 1
        else:
            self.shared += 1
        promise: ReadPromise[T] = ReadPromise(burst, read)
        burst.promises.add(promise)
        read.join(promise, scope.deadline)
        return promise

    async def aclose(self) -> None:
        """Fail all reads in flight, and wait until their tasks have ended."""
        for read in list(self.in_flight.values()):
            read.fail(Unavailable("The gateway is stopping. Retry in a moment."))
            read.abandon()
        await asyncio.gather(*self.cancelled, return_exceptions=True)

    def _begin(self, scope: RequestScope) -> "Burst":
        if not self._starting:
            asyncio.get_running_loop().call_soon(self._start)
        burst = self._starting[scope] = Burst(self, scope)
        return burst

    def _start(self) -> None:
        starting, self._starting = self._starting, {}
        for burst in starting.values():
            burst.start()


class Burst:
    """The reads that one request starts in one tick of the event loop.

    Attributes:
        promises: the promises of these reads that are not settled yet.
        reads: the reads that no other request has already started.
        token: the token that was used last.
    """

    __slots__ = (
        "_call_headers",
        "_prepared",
        "bursts",
        "promises",
        "reads",
        "remaining_s",
        "scope",
        "token",
    )

    def __init__(self, bursts: ReadBursts, scope: RequestScope) -> None:
        self.scope = scope
        self.remaining_s = bursts.sender.remaining_s(scope)
        self.reads: list[SharedRead] = []
        self.bursts = bursts
        self.promises: set[ReadPromise[Any]] = set()
        self.token: str | None = None
        self._call_headers: HeaderPairs = ()
        self._prepared: tuple[GetSender, str] | None = None

    def remove(self, promise: ReadPromise[Any]) -> None:
        self.promises.discard(promise)
        if not self.promises:
            self.bursts.timeouts.remove(self)

    def _expire(self) -> None:
        for promise in list(self.promises):
            promise.expire()

    def start(self) -> None:
        """Send the reads. Those with the same rate limit are sent as one group."""
        reads, self.reads = self.reads, []
        sender, scope = self.bursts.sender, self.scope
        if self.promises:
            expires_at = asyncio.get_running_loop().time() + self.remaining_s
            self.bursts.timeouts.add(self, expires_at, self._expire)
        by_limit: dict[Hashable, list[SharedRead]] = {}
        for read in reads:
            by_limit.setdefault((read.call.endpoint.bucket, read.call.customer_id), []).append(read)
        for group in by_limit.values():
            call = group[0].call
            key = RateLimitScope(call.endpoint.bucket, scope.identity, call.customer_id)
            sender.scheduler.send_group(key, scope.budget, group)

    def prepare(self, call: Call) -> tuple[GetSender, str] | None:
        """Return a sender for the call, and the encoded headers of the request.

        Returns None if the call must be sent alone: it has a body, or there is no cached token.
        """
        if call.body is not None:
            return None
        token = self.bursts.sender.tokens.cached(self.scope)
        if token != self.token or call.headers != self._call_headers:
            self.token, self._call_headers = token, call.headers
            self._prepared = None if token is None else self._prepare(token)
        return self._prepared

    def _prepare(self, token: str) -> tuple[GetSender, str] | None:
        sender = self.bursts.sender.get_sender(self._call_headers)
        correlation_id = self.scope.correlation_id
        headers = f"Authorization: Bearer {token}\r\nMS-CorrelationId: {correlation_id}\r\n"
        return (sender, headers) if sender and is_header_text(headers, lines=2) else None
