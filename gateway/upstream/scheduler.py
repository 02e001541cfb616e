"""The way of a call to its turn: its scope is open, then there is a place in flight."""

import asyncio
import math
from typing import Self

from gateway.clock import Clock
from gateway.upstream.call import Call
from gateway.upstream.errors import Throttled
from gateway.upstream.fair_semaphore import FairSemaphore
from gateway.upstream.rate_limits import RateLimitScope, RateLimitTracker
from gateway.upstream.scope import RequestScope


class Slot:
    """A place in flight, given back at the end of `with`, and what its holder says of the answer.

    Attributes:
        is_accepted: the vendor has answered, and not by 429.
        retry_after_s: what a 429 asked for.
    """

    __slots__ = ("_key", "_scheduler", "is_accepted", "retry_after_s")

    def __init__(self, scheduler: "RequestScheduler", key: RateLimitScope) -> None:
        self._scheduler = scheduler
        self._key = key
        self.is_accepted = False
        self.retry_after_s: float | None = None

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave, whatever came of it."""
        self._scheduler.release(self._key, self)


class RequestScheduler:
    """Joins the throttle, which knows when, and the gate, which knows how many."""

    def __init__(
        self, rate_limits: RateLimitTracker, semaphore: FairSemaphore, clock: Clock
    ) -> None:
        self._rate_limits = rate_limits
        self._semaphore = semaphore
        self._clock = clock
        self._slot_released: dict[RateLimitScope, asyncio.Event] = {}

    def try_acquire(self, call: Call, scope: RequestScope) -> Slot | None:
        """Take a place if none has to be waited for, as is usual."""
        key = _rate_limit_scope(call, scope)
        now = self._clock.monotonic()
        if self._rate_limits.delay_s(key, now) > 0 or not self._semaphore.try_acquire():
            return None
        self._rate_limits.on_sent(key, now)
        return Slot(self, key)

    async def acquire(self, call: Call, scope: RequestScope, must_open_by: float) -> Slot:
        """Wait until the throttle scope is open and there is a place, and take it.

        Args:
            call: which counts towards its throttle scope.
            scope: whose deadline bounds every wait; past it, TimeoutError is raised.
            must_open_by: monotonic seconds; if the scope is closed until later, `Throttled`
                is raised at once.
        """
        key = _rate_limit_scope(call, scope)
        while True:
            if self._rate_limits.delay_s(key, self._clock.monotonic()) > 0:
                await self._wait_until_open(key, scope, must_open_by)
            await self._semaphore.acquire(scope.budget, scope.deadline - self._clock.monotonic())
            now = self._clock.monotonic()
            if self._rate_limits.delay_s(key, now) <= 0:
                self._rate_limits.on_sent(key, now)
                return Slot(self, key)
            # Closed while this call waited for a place, which others can use meanwhile.
            self._semaphore.release()

    async def _wait_until_open(
        self, key: RateLimitScope, scope: RequestScope, must_open_by: float
    ) -> None:
        """Wait until the scope lets a call through; no time passes after it did."""
        while (delay_s := self._rate_limits.delay_s(key, self._clock.monotonic())) > 0:
            if math.isinf(delay_s):
                async with asyncio.timeout(scope.deadline - self._clock.monotonic()):
                    await self._slot_released.setdefault(key, asyncio.Event()).wait()
            elif self._clock.monotonic() + delay_s >= must_open_by:
                raise _pause_too_long(key, delay_s)
            else:
                await self._clock.sleep(delay_s)

    def release(self, key: RateLimitScope, slot: Slot) -> None:
        """Give the place to another and remember what the vendor asked for."""
        now = self._clock.monotonic()
        if slot.retry_after_s is not None:
            self._rate_limits.pause(key, now + slot.retry_after_s)
        self._rate_limits.on_finished(key, now, is_accepted=slot.is_accepted)
        self._semaphore.release()
        if self._slot_released and (waiting := self._slot_released.pop(key, None)) is not None:
            waiting.set()


def _rate_limit_scope(call: Call, scope: RequestScope) -> RateLimitScope:
    return RateLimitScope(call.endpoint.bucket, scope.identity, call.customer_id)


def _pause_too_long(key: RateLimitScope, delay_s: float) -> Throttled:
    subject = f"customer {key.customer_id}" if key.customer_id else "this partner"
    throttled = Throttled.for_delay(
        f"Partner Center takes no more {key.bucket.value.replace('_', ' ')} calls for {subject}"
        f" for {math.ceil(delay_s)} s, which is longer than this request may take; ask again then",
        delay_s,
    )
    throttled.hit_deadline = True
    return throttled
