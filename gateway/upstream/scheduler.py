"""Decides when a call may be sent: circuit and rate limit are open for it, and a slot is free."""

import asyncio
import math
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Protocol, Self

from gateway.clock import Clock
from gateway.upstream.call import Call
from gateway.upstream.circuits import FAILURES_TO_OPEN, Circuits, is_vendor_failure
from gateway.upstream.errors import CircuitOpen, Throttled
from gateway.upstream.fair_semaphore import FairSemaphore
from gateway.upstream.rate_limits import RateLimitScope, RateLimitTracker
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import TransportError, UpstreamResponse


class AttemptSlot:
    """The right to send one attempt of a call. It is released at the end of `with`.

    Attributes:
        is_accepted: whether the vendor has responded, and not with 429.
        retry_after_s: the delay that a 429 response requests, if there was one.
        is_vendor_failure: whether the attempt failed as `circuits.is_vendor_failure` says.
    """

    __slots__ = (
        "_is_released",
        "_key",
        "_scheduler",
        "is_accepted",
        "is_vendor_failure",
        "retry_after_s",
    )

    def __init__(self, scheduler: "RequestScheduler", key: RateLimitScope) -> None:
        self._scheduler = scheduler
        self._key = key
        self._is_released = False
        self.is_accepted = False
        self.retry_after_s: float | None = None
        self.is_vendor_failure = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.release()

    def note_outcome(self, outcome: UpstreamResponse | TransportError) -> None:
        """Tell the slot whether the outcome counts as a failure for the circuit breaker."""
        self.is_vendor_failure = is_vendor_failure(outcome)

    def release(self) -> None:
        """Free the slot. Idempotent."""
        if not self._is_released:
            self._is_released = True
            self._scheduler.release(
                self._key,
                is_accepted=self.is_accepted,
                retry_after_s=self.retry_after_s,
                is_vendor_failure=self.is_vendor_failure,
            )


class GroupedCall(Protocol):
    """A call that is sent as part of a group."""

    def send(self, key: RateLimitScope) -> bool:
        """Send the call at once, and `release` the slot of `key` later.

        Returns False if it is no longer needed, and then needs no slot.
        """
        ...

    def wait_alone(self) -> None:
        """Wait for a slot separately, with `acquire`."""
        ...


class RequestScheduler:
    """Lets calls be sent within the rate limits and the limit of calls in flight.

    Calls whose circuit is open fail at once.

    Attributes:
        on_paused: called after a 429 with the end of the pause, a time of the monotonic clock.
    """

    def __init__(
        self, rate_limits: RateLimitTracker, semaphore: FairSemaphore, clock: Clock
    ) -> None:
        self._rate_limits = rate_limits
        self._semaphore = semaphore
        self._clock = clock
        self.on_paused: Callable[[RateLimitScope, float], None] = lambda key, until: None
        self.circuits = Circuits()
        self._failing = self.circuits.failing
        self._slot_released: dict[RateLimitScope, asyncio.Event] = {}

    def try_acquire(self, call: Call, scope: RequestScope) -> AttemptSlot | None:
        """Return a slot if the call can be sent at once, which is usual; else None."""
        key = _rate_limit_scope(call, scope)
        now = self._clock.monotonic()
        if not self._is_open(key, now) or not self._semaphore.acquire_up_to(1):
            return None
        self._count_sent(key, now)
        return AttemptSlot(self, key)

    async def acquire(self, call: Call, scope: RequestScope, must_open_by: float) -> AttemptSlot:
        """Wait until the rate limit allows the call and a slot is free.

        Args:
            call: the call; its endpoint decides which rate limit applies.
            scope: the request; TimeoutError is raised at its deadline.
            must_open_by: a time of the monotonic clock, in s. If the rate limit is paused until a
                later time, `Throttled` is raised at once.

        Raises:
            CircuitOpen: at once, if the last calls of this kind all failed.
        """
        key = _rate_limit_scope(call, scope)
        while True:
            if self._failing:
                self._fail_if_circuit_open(key)
            if self._rate_limits.delay_s(key, self._clock.monotonic()) > 0:
                await self._wait_until_open(key, scope, must_open_by)
            await self._semaphore.acquire(scope.budget, scope.deadline - self._clock.monotonic())
            now = self._clock.monotonic()
            if self._is_open(key, now):
                self._count_sent(key, now)
                return AttemptSlot(self, key)
            # The rate limit was paused, or the circuit opened, while this call waited. Others can
            # use the slot.
            self._semaphore.release()

    def _is_open(self, key: RateLimitScope, now: float) -> bool:
        if self._failing and self.circuits.delay_s(key, now) > 0:
            return False
        return self._rate_limits.delay_s(key, now) <= 0

    def _fail_if_circuit_open(self, key: RateLimitScope) -> None:
        delay_s = self.circuits.delay_s(key, self._clock.monotonic())
        if delay_s > 0:
            raise _circuit_open(key, delay_s)

    def _count_sent(self, key: RateLimitScope, now: float, calls: int = 1) -> None:
        self._rate_limits.on_sent(key, now, calls)
        if self._failing:
            self.circuits.on_sent(key, now)

    async def _wait_until_open(
        self, key: RateLimitScope, scope: RequestScope, must_open_by: float
    ) -> None:
        """Wait until the rate limit is open. No time passes between that and the return."""
        while (delay_s := self._rate_limits.delay_s(key, self._clock.monotonic())) > 0:
            if math.isinf(delay_s):
                async with asyncio.timeout(scope.deadline - self._clock.monotonic()):
                    await self._slot_released.setdefault(key, asyncio.Event()).wait()
            elif self._clock.monotonic() + delay_s >= must_open_by:
                raise _pause_too_long(key, delay_s)
            else:
                await self._clock.sleep(delay_s)

    def send_group(
        self, key: RateLimitScope, owner: Hashable, calls: Sequence[GroupedCall]
    ) -> None:
        """Send several calls that share a rate limit.

        As many as the rate limit allows are sent, each once a slot is free. The others wait for the
        rate limit separately.
        """
        now = self._clock.monotonic()
        open_count = self._rate_limits.count_open(key, now, len(calls))
        if self._failing:
            open_count = self.circuits.count_open(key, now, open_count)
        slots = self._semaphore.acquire_up_to(open_count)
        sent = 0
        for call in calls[:slots]:
            sent += call.send(key)
        if sent:
            self._rate_limits.on_sent(key, now, sent)
            if self._failing:
                self.circuits.on_sent(key, now)
        for _ in range(slots - sent):
            self._semaphore.release()
        if slots < len(calls):
            queued = [partial(self._send_queued, key, call) for call in calls[slots:open_count]]
            self._semaphore.enqueue(owner, queued)
            for call in calls[open_count:]:
                call.wait_alone()

    def _send_queued(self, key: RateLimitScope, call: GroupedCall) -> bool:
        """Send a call, now that there is a place for it. Returns False if it does not use it."""
        now = self._clock.monotonic()
        if not self._is_open(key, now):
            call.wait_alone()
            return False
        if not call.send(key):
            return False
        self._count_sent(key, now)
        return True

    def release(
        self,
        key: RateLimitScope,
        *,
        is_accepted: bool,
        retry_after_s: float | None = None,
        is_vendor_failure: bool = False,
    ) -> None:
        """Free a slot. After a 429, pauses the rate limit for `retry_after_s`."""
        now = self._clock.monotonic()
        if retry_after_s is not None:
            self._rate_limits.pause(key, now + retry_after_s)
            self.on_paused(key, now + retry_after_s)
        if is_vendor_failure:
            self.circuits.on_failure(key, now)
        elif self._failing and is_accepted:
            self.circuits.on_success(key)
        self._rate_limits.on_finished(key, now, is_accepted=is_accepted)
        self._semaphore.release()
        if self._slot_released and (waiting := self._slot_released.pop(key, None)) is not None:
            waiting.set()


def _rate_limit_scope(call: Call, scope: RequestScope) -> RateLimitScope:
    return RateLimitScope(call.endpoint.bucket, scope.identity, call.customer_id)


def _circuit_open(key: RateLimitScope, delay_s: float) -> CircuitOpen:
    # Whole seconds: a wait that ends a moment early is not followed by very short ones.
    retry_after_s = math.ceil(delay_s)
    error = CircuitOpen(
        f"Partner Center failed the last {key.bucket.value.replace('_', ' ')} calls, at least"
        f" {FAILURES_TO_OPEN} in a row. The gateway tries again in {retry_after_s} s. Retry"
        " after that."
    )
    error.retry_after_s = retry_after_s
    return error


def _pause_too_long(key: RateLimitScope, delay_s: float) -> Throttled:
    subject = f"customer {key.customer_id}" if key.customer_id else "this partner"
    throttled = Throttled.for_delay(
        f"Partner Center accepts no {key.bucket.value.replace('_', ' ')} calls for {subject} for"
        f" {math.ceil(delay_s)} s, which is longer than this request may take. Retry after that.",
        delay_s,
    )
    throttled.hit_deadline = True
    return throttled
