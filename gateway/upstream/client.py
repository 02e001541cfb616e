"""Calls to the vendor, for all requests of a process at once.

A read is charged to its request's budget, then joins an identical one in flight or starts its own
(`fetch.py`). A write goes alone and once (`deliver.py`): what comes next is not decided here.
"""

import random
from collections.abc import Callable
from typing import TypeVar

from gateway.upstream.admission import Admission
from gateway.upstream.call import Call
from gateway.upstream.clock import Clock
from gateway.upstream.coalesce import Coalescer
from gateway.upstream.deliver import deliver
from gateway.upstream.fetch import fetch, late
from gateway.upstream.gate import Gate
from gateway.upstream.line import Line
from gateway.upstream.pressure import Pressure
from gateway.upstream.scope import RequestScope
from gateway.upstream.sending import Outcome
from gateway.upstream.throttle import ScopeState, Throttle
from gateway.upstream.tokens import Tokens
from gateway.upstream.transport import Transport

T = TypeVar("T")


class Client:
    """Reads and writes that know of each other: of reads, which are the same; of writes, how many.

    Args:
        base_url: scheme, host and port, without `/v1`.
        jitter: numbers at random from 0 to 1.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: Tokens,
        base_url: str,
        *,
        clock: Clock,
        pressure: Pressure,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._throttle = Throttle(pressure.limits)
        self._line = Line(
            transport=transport,
            tokens=tokens,
            base_url=base_url.rstrip("/"),
            clock=clock,
            pressure=pressure,
            admission=Admission(self._throttle, Gate(pressure.max_in_flight), clock),
            jitter=jitter,
        )
        # How many writes have ended: a read that follows one never joins a read from before it.
        self._writes = 0
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
        if not call.endpoint.safe:
            raise ValueError(f"{call.endpoint.name} changes something and cannot be read")
        scope.budget.spend()
        if self._line.remaining_s(scope) <= 0:
            raise late(scope)
        shared = scope.shared()
        try:
            return await self._coalescer.share(
                (self._writes, scope.identity, call.key),
                scope.deadline,
                lambda: fetch(self._line, call, shared, decode),
                shared.extend,
            )
        except TimeoutError as error:
            raise late(scope) from error

    async def send_once(self, call: Call, scope: RequestScope, request_id: str) -> Outcome:
        """Send a write at most once and tell how far it got; no refusal is raised.

        Args:
            call: one whose endpoint changes something.
            scope: on whose behalf; its correlation id is this attempt's.
            request_id: the operation's own, the same on every attempt (CONTRACT 3.2).
        """
        if call.endpoint.safe:
            raise ValueError(f"{call.endpoint.name} changes nothing and is read, not sent")
        try:
            return await deliver(self._line, call, scope, request_id)
        finally:
            self._writes += 1

    def throttle_states(self, identity: str) -> list[ScopeState]:
        """Describe the throttle scopes that `identity` has in use."""
        return self._throttle.snapshot(identity, self._line.clock.monotonic())

    async def aclose(self) -> None:
        """Cancel what is in flight and close the transport."""
        await self._coalescer.aclose()
        await self._line.transport.aclose()
