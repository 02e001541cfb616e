"""The way of a call to its turn: its scope is open, then there is a place in flight."""

import asyncio
import math
from typing import Self

from gateway.upstream.call import Call
from gateway.upstream.clock import Clock
from gateway.upstream.errors import Throttled
from gateway.upstream.gate import Gate
from gateway.upstream.scope import RequestScope
from gateway.upstream.throttle import ScopeKey, Throttle


class Turn:
    """A place in flight, given back at the end of `with`, and what its holder says of the answer.

    Attributes:
        is_accepted: the vendor has answered, and not by 429.
        retry_after_s: what a 429 asked for.
    """

    __slots__ = ("_admission", "_key", "is_accepted", "retry_after_s")

    def __init__(self, admission: "Admission", key: ScopeKey) -> None:
        self._admission = admission
        self._key = key
        self.is_accepted = False
        self.retry_after_s: float | None = None

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave, whatever came of it."""
        self._admission.leave(self._key, self)


class Admission:
    """Joins the throttle, which knows when, and the gate, which knows how many."""

    def __init__(self, throttle: Throttle, gate: Gate, clock: Clock) -> None:
        self._throttle = throttle
        self._gate = gate
        self._clock = clock
        self._returns: dict[ScopeKey, asyncio.Event] = {}

    def at_once(self, call: Call, scope: RequestScope) -> Turn | None:
        """Take a place if none has to be waited for, as is usual."""
        key = _throttled_as(call, scope)
        now = self._clock.monotonic()
        if self._throttle.wait_s(key, now) > 0 or not self._gate.enter_now():
            return None
        self._throttle.send(key, now)
        return Turn(self, key)

    async def turn(self, call: Call, scope: RequestScope, opens_by: float) -> Turn:
        """Wait until the throttle scope is open and there is a place, and take it.

        Args:
            call: which counts towards its throttle scope.
            scope: whose deadline bounds every wait; past it, TimeoutError is raised.
            opens_by: monotonic seconds; if the throttle scope is closed until later, `Throttled`
                is raised at once.
        """
        key = _throttled_as(call, scope)
        while True:
            if self._throttle.wait_s(key, self._clock.monotonic()) > 0:
                await self._open(key, scope, opens_by)
            await self._gate.enter(scope.budget, scope.deadline - self._clock.monotonic())
            now = self._clock.monotonic()
            if self._throttle.wait_s(key, now) <= 0:
                self._throttle.send(key, now)
                return Turn(self, key)
            # Closed while this call waited for a place, which others can use meanwhile.
            self._gate.leave()

    async def _open(self, key: ScopeKey, scope: RequestScope, opens_by: float) -> None:
        """Wait until the scope lets a call through; no time passes after it did."""
        while (wait_s := self._throttle.wait_s(key, self._clock.monotonic())) > 0:
            if math.isinf(wait_s):
                async with asyncio.timeout(scope.deadline - self._clock.monotonic()):
                    await self._returns.setdefault(key, asyncio.Event()).wait()
            elif self._clock.monotonic() + wait_s >= opens_by:
                raise _too_long(key, wait_s)
            else:
                await self._clock.sleep(wait_s)

    def leave(self, key: ScopeKey, turn: Turn) -> None:
        """Give the place to another and remember what the vendor asked for."""
        now = self._clock.monotonic()
        if turn.retry_after_s is not None:
            self._throttle.pause(key, now + turn.retry_after_s)
        self._throttle.finish(key, now, is_accepted=turn.is_accepted)
        self._gate.leave()
        if self._returns and (returned := self._returns.pop(key, None)) is not None:
            returned.set()


def _throttled_as(call: Call, scope: RequestScope) -> ScopeKey:
    return ScopeKey(call.endpoint.bucket, scope.identity, call.customer_id)


def _too_long(key: ScopeKey, wait_s: float) -> Throttled:
    whose = f"customer {key.customer_id}" if key.customer_id else "this partner"
    throttled = Throttled.until(
        f"Partner Center takes no more {key.bucket.value.replace('_', ' ')} calls for {whose}"
        f" for {math.ceil(wait_s)} s, which is longer than this request may take; ask again then",
        wait_s,
    )
    throttled.ran_out_of_time = True
    return throttled
