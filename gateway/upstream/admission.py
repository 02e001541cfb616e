"""The way of a call to its turn: its scope is open, then there is a place in flight."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.upstream.call import Call
from gateway.upstream.clock import Clock
from gateway.upstream.errors import Throttled
from gateway.upstream.gate import Gate
from gateway.upstream.scope import RequestScope
from gateway.upstream.throttle import ScopeKey, Throttle


@dataclass(slots=True)
class Turn:
    """A call that may be sent, and what its sender says of the answer before the turn ends.

    Attributes:
        is_accepted: the vendor has answered, and not by 429.
        retry_after_s: what a 429 asked for.
    """

    is_accepted: bool = False
    retry_after_s: float | None = None


class Admission:
    """Joins the throttle, which knows when, and the gate, which knows how many."""

    def __init__(self, throttle: Throttle, gate: Gate, clock: Clock) -> None:
        self._throttle = throttle
        self._gate = gate
        self._clock = clock
        self._returns: dict[ScopeKey, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, call: Call, scope: RequestScope) -> AsyncIterator[Turn]:
        """Hold a place in flight; raises `Throttled` if it would come after the deadline."""
        key = ScopeKey(call.endpoint.bucket, scope.identity, call.customer_id)
        await self._enter(key, scope)
        turn = Turn()
        try:
            yield turn
        finally:
            self._leave(key, turn)

    async def _enter(self, key: ScopeKey, scope: RequestScope) -> None:
        while True:
            await self._open(key, scope)
            await self._gate.enter(scope)
            now = self._clock.monotonic()
            if self._throttle.wait_s(key, now) <= 0:
                self._throttle.send(key, now)
                return
            # Closed while this call waited for a place, which others can use meanwhile.
            self._gate.leave()

    async def _open(self, key: ScopeKey, scope: RequestScope) -> None:
        """Wait until the scope lets a call through; no time passes after it did."""
        while (wait_s := self._throttle.wait_s(key, self._clock.monotonic())) > 0:
            if math.isinf(wait_s):
                await self._returns.setdefault(key, asyncio.Event()).wait()
            elif self._clock.monotonic() + wait_s >= scope.deadline:
                raise _too_long(key, wait_s)
            else:
                await self._clock.sleep(wait_s)

    def _leave(self, key: ScopeKey, turn: Turn) -> None:
        now = self._clock.monotonic()
        if turn.retry_after_s is not None:
            self._throttle.pause(key, now + turn.retry_after_s)
        self._throttle.finish(key, now, is_accepted=turn.is_accepted)
        self._gate.leave()
        returned = self._returns.pop(key, None)
        if returned is not None:
            returned.set()


def _too_long(key: ScopeKey, wait_s: float) -> Throttled:
    whose = f"customer {key.customer_id}" if key.customer_id else "this partner"
    throttled = Throttled.until(
        f"Partner Center takes no more {key.bucket.value.replace('_', ' ')} calls for {whose}"
        f" for {math.ceil(wait_s)} s, which is longer than this request may take; ask again then",
        wait_s,
    )
    throttled.ran_out_of_time = True
    return throttled
