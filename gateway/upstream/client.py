"""The client of Partner Center that all requests of a process share.

Reads are shared and sent in bursts (`burst.py`). A write gets a slot, is sent once and never
shared (`writes.py`); whether it is sent again is decided by its operation.
"""

import random
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from gateway.clock import Clock
from gateway.observability.tracing import Tracing
from gateway.upstream.burst import ReadBursts
from gateway.upstream.call import Call
from gateway.upstream.circuits import merge_open_circuits
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.fair_semaphore import FairSemaphore
from gateway.upstream.rate_limits import (
    BucketUsage,
    RateLimitScope,
    RateLimitState,
    RateLimitTracker,
)
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.traced_calls import CallTraces, TracedBursts
from gateway.upstream.transport.base import Transport
from gateway.upstream.transport.instrumented import Observe
from gateway.upstream.write_outcome import NeverSent
from gateway.upstream.writes import WriteSlot, acquire_slot
from resolvers.promise import Promise

T = TypeVar("T")


class ClientUsage(NamedTuple):
    """How many calls the client is making, and how many reads it has made.

    Attributes:
        in_flight: calls that were sent and have no response yet.
        waiting: calls that wait until a call in flight has ended.
        sent_reads: the number of reads that were sent.
        shared_reads: the number of reads that were not sent, because an identical one was in
            flight.
        open_circuits: the buckets with an open circuit, of any identity.
    """

    in_flight: int
    waiting: int
    sent_reads: int
    shared_reads: int
    buckets: Mapping[UpstreamBucket, BucketUsage]
    open_circuits: frozenset[UpstreamBucket]


class UpstreamClient:
    """Sends all calls of the process to Partner Center.

    Identical reads share one call; the rate and the number of calls in flight are limited.

    Args:
        base_url: scheme, host and port, without `/v1`.
        jitter: returns random numbers from 0 to 1.
        observe_attempt: called after every attempt, with the name of its endpoint.
        tracing: records calls and attempts; None if traces are off.
    """

    def __init__(  # noqa: PLR0913 - the parts of a client
        self,
        transport: Transport,
        tokens: TokenProvider,
        base_url: str,
        *,
        clock: Clock,
        limits: ClientLimits,
        jitter: Callable[[], float] = random.random,
        observe_attempt: Observe = lambda labels, seconds: None,
        tracing: Tracing | None = None,
    ) -> None:
        self._rate_limits = RateLimitTracker(limits.rate_limits)
        self._semaphore = FairSemaphore(limits.max_in_flight)
        traces = None if tracing is None else CallTraces(tracing)
        self._sender = RequestSender(
            transport=transport,
            tokens=tokens,
            base_url=base_url.rstrip("/"),
            clock=clock,
            limits=limits,
            scheduler=RequestScheduler(self._rate_limits, self._semaphore, clock),
            jitter=jitter,
            observe_attempt=observe_attempt,
            traces=traces,
        )
        # In the key of each read: a read after a write must not join one from before it.
        self._writes_ended = 0
        self._bursts = (
            ReadBursts(self._sender) if traces is None else TracedBursts(self._sender, traces)
        )

    def read(self, call: Call, scope: RequestScope, decode: Callable[[bytes], T]) -> Promise[T]:
        """Return the decoded body. Identical reads in flight share one call and its value.

        Args:
            call: a call to a safe endpoint.
            scope: the request that is charged one call, even if it is shared, and one for each
                retry.
            decode: the same function for all calls of an endpoint. Its result is shared, so it must
                be immutable. `msgspec.DecodeError` and `ValueError` become `InvalidResponse`.

        Raises:
            UpstreamError: raised by the promise if there was no usable response before the
                deadline, or no call left in the budget.
        """
        if not call.endpoint.is_safe:
            raise ValueError(f"{call.endpoint.name} is a write and cannot be read")
        key = self._writes_ended, scope.identity, call.key
        return self._bursts.read(key, call, scope, decode)

    async def acquire_slot(
        self, call: Call, scope: RequestScope, request_id: str
    ) -> WriteSlot | NeverSent:
        """Wait for the right to send a write now. Returns errors as `NeverSent`.

        Args:
            call: a call to an endpoint that is not safe.
            scope: the request that is charged; its correlation id is sent with the write.
            request_id: the operation's request id, the same on every attempt (CONTRACT 3.2).
        """
        if call.endpoint.is_safe:
            raise ValueError(f"{call.endpoint.name} is a read and cannot be sent as a write")
        slot = await acquire_slot(self._sender, call, scope, request_id)
        if isinstance(slot, WriteSlot):
            slot.held.callback(self._count_write)
        return slot

    def _count_write(self) -> None:
        self._writes_ended += 1

    def rate_limit_states(self, identity: str) -> list[RateLimitState]:
        """Return the rate limits that calls of this identity use or have exceeded."""
        now = self._sender.clock.monotonic()
        states = self._rate_limits.snapshot(identity, now)
        circuits = self._sender.scheduler.circuits.open_circuits(now)
        delays_s = {key.bucket: delay_s for key, delay_s in circuits if key.identity == identity}
        return merge_open_circuits(states, delays_s)

    def observe_pauses(self, on_paused: Callable[[RateLimitScope, float], None]) -> None:
        """Call a function after each 429, with the rate limit and the end of its pause.

        The end is a time of the monotonic clock.
        """
        self._sender.scheduler.on_paused = on_paused

    def pause(self, key: RateLimitScope, until: float) -> None:
        """Send no calls of this rate limit until a time of the monotonic clock."""
        self._rate_limits.pause(key, until)

    def share_limits(self, processes: int) -> None:
        """Use an equal part of each known rate limit; `processes` send calls together."""
        self._rate_limits.share_limits(processes)

    def usage(self) -> ClientUsage:
        now = self._sender.clock.monotonic()
        buckets = self._rate_limits.usage_by_bucket(now)
        circuits = self._sender.scheduler.circuits.open_circuits(now)
        open_circuits = frozenset(key.bucket for key, _ in circuits)
        semaphore, bursts = self._semaphore, self._bursts
        return ClientUsage(
            semaphore.in_flight,
            semaphore.waiting,
            bursts.sent,
            bursts.shared,
            buckets,
            open_circuits,
        )

    async def aclose(self) -> None:
        """Cancel all reads in flight, and close the transport."""
        await self._bursts.aclose()
        await self._sender.transport.aclose()
