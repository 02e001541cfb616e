"""Calls to the vendor, for all requests of a process at once.

A read is charged to its request's budget, then joins an identical one in flight or starts its own
(`fetch.py`). A write waits for its turn and goes alone and once (`deliver.py`): what comes next is
not decided here.
"""

import random
from collections.abc import Callable
from typing import TypeVar

from gateway.clock import Clock
from gateway.upstream.call import Call
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.coalesce import Coalescer
from gateway.upstream.fair_semaphore import FairSemaphore
from gateway.upstream.rate_limits import RateLimitState, RateLimitTracker
from gateway.upstream.reads import deadline_exceeded, execute_read
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.scheduler import RequestScheduler
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.transport.base import Transport
from gateway.upstream.write_outcome import NeverSent
from gateway.upstream.writes import WriteSlot, acquire_slot

T = TypeVar("T")


class UpstreamClient:
    """Reads and writes that know of each other: of reads, which are the same; of writes, how many.

    Args:
        base_url: scheme, host and port, without `/v1`.
        jitter: numbers at random from 0 to 1.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: TokenProvider,
        base_url: str,
        *,
        clock: Clock,
        limits: ClientLimits,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._rate_limits = RateLimitTracker(limits.rate_limits)
        self._sender = RequestSender(
            transport=transport,
            tokens=tokens,
            base_url=base_url.rstrip("/"),
            clock=clock,
            limits=limits,
            scheduler=RequestScheduler(
                self._rate_limits, FairSemaphore(limits.max_in_flight), clock
            ),
            jitter=jitter,
        )
        # How many writes have ended: a read that follows one never joins a read from before it.
        self._writes_ended = 0
        self._coalescer = Coalescer(clock)

    async def read(self, call: Call, scope: RequestScope, decode: Callable[[bytes], T]) -> T:
        """Answer with the decoded body; identical reads in flight share one call and its value.

        Args:
            call: one whose endpoint is safe to send again.
            scope: the request it is made for; charged one call, shared or not, and one more for
                each time it is sent again.
            decode: the same for all calls of an endpoint. What it makes is shared, so it must be
                immutable; `msgspec.DecodeError` and `ValueError` become `InvalidAnswer`.

        Raises:
            UpstreamError: no usable answer before the deadline, or no budget for a call.
        """
        if not call.endpoint.is_safe:
            raise ValueError(f"{call.endpoint.name} changes something and cannot be read")
        scope.budget.spend()
        if self._sender.remaining_s(scope) <= 0:
            raise deadline_exceeded(scope)
        shared = scope.for_shared_read()
        try:
            return await self._coalescer.share(
                (self._writes_ended, scope.identity, call.key),
                scope.deadline,
                lambda: execute_read(self._sender, call, shared, decode),
                shared.extend_deadline,
            )
        except TimeoutError as error:
            raise deadline_exceeded(scope) from error

    async def acquire_slot(
        self, call: Call, scope: RequestScope, request_id: str
    ) -> WriteSlot | NeverSent:
        """Wait until a write could leave at once; no refusal is raised.

        Args:
            call: one whose endpoint changes something.
            scope: on whose behalf; its correlation id is this attempt's.
            request_id: the operation's own, the same on every attempt (CONTRACT 3.2).
        """
        if call.endpoint.is_safe:
            raise ValueError(f"{call.endpoint.name} changes nothing and is read, not sent")
        slot = await acquire_slot(self._sender, call, scope, request_id)
        if isinstance(slot, WriteSlot):
            slot.held.callback(self._count_write)
        return slot

    def _count_write(self) -> None:
        self._writes_ended += 1

    def rate_limit_states(self, identity: str) -> list[RateLimitState]:
        """Describe the throttle scopes that `identity` has in use."""
        return self._rate_limits.snapshot(identity, self._sender.clock.monotonic())

    async def aclose(self) -> None:
        """Cancel what is in flight and close the transport."""
        await self._coalescer.aclose()
        await self._sender.transport.aclose()
