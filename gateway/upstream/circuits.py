"""Stops calls that Partner Center keeps failing. Does not read a clock and does not wait.

The calls of one identity in one bucket share a circuit. It opens when the last calls all ended with
5xx or without a response. While it is open, one call is sent per interval, to find out whether
calls succeed again, and all others fail at once. The first response below 500 closes it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.rate_limits import RateLimitScope, RateLimitState
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    ResponseTimeout,
    StaleConnection,
    TransportError,
    UpstreamResponse,
)

# A vendor that fails half of the calls opens a circuit once in a million calls.
FAILURES_TO_OPEN: Final = 20
OPEN_S: Final = 5.0
_FORGET_AFTER_S: Final = 60.0
_FIRST_SERVER_ERROR: Final = 500
_MAX_CIRCUITS: Final = 1024


class CircuitKey(NamedTuple):
    """The calls that share a circuit breaker: it stops them while the vendor fails."""

    bucket: UpstreamBucket
    identity: str


@dataclass(slots=True)
class _Failures:
    """The failures of a circuit since its last success.

    Attributes:
        customers: up to two of the customers; one alone may be the cause.
        probe_at: when the next call is sent; None if the circuit is closed.
    """

    count: int = 0
    customers: set[str | None] = field(default_factory=set)
    last_at: float = -math.inf
    probe_at: float | None = None


class Circuits:
    """The circuit breakers of a process. An open circuit stops calls.

    Attributes:
        failing: the circuits with failures since the last success. If there are none, no method has
            to be called.
    """

    def __init__(self) -> None:
        self.failing: dict[CircuitKey, _Failures] = {}

    def delay_s(self, scope: RateLimitScope, now: float) -> float:
        """Return the seconds until the circuit lets a call through."""
        failures = self.failing.get(_key(scope))
        if failures is None or failures.probe_at is None:
            return 0.0
        return max(0.0, failures.probe_at - now)

    def count_open(self, scope: RateLimitScope, now: float, wanted: int) -> int:
        """Return how many of `wanted` calls the circuit lets through now."""
        failures = self.failing.get(_key(scope))
        if failures is None or failures.probe_at is None:
            return wanted
        return min(wanted, 1) if failures.probe_at <= now else 0

    def on_sent(self, scope: RateLimitScope, now: float) -> None:
        """Note that a call is sent. While the circuit is open, the next call has to wait."""
        failures = self.failing.get(_key(scope))
        if failures is not None and failures.probe_at is not None:
            failures.probe_at = now + OPEN_S

    def on_failure(self, scope: RateLimitScope, now: float) -> None:
        """Count a call that has failed as `is_vendor_failure` defines."""
        key = _key(scope)
        failures = self.failing.get(key)
        if failures is None or now - failures.last_at > _FORGET_AFTER_S:
            self._sweep(now)
            failures = self.failing[key] = _Failures()
        failures.last_at = now
        failures.count += 1
        if len(failures.customers) < 2:  # noqa: PLR2004 - more than one
            failures.customers.add(scope.customer_id)
        is_one_customer = scope.customer_id is not None and len(failures.customers) == 1
        if failures.count >= FAILURES_TO_OPEN and not is_one_customer:
            failures.probe_at = now + OPEN_S

    def on_success(self, scope: RateLimitScope) -> None:
        """Close the circuit after a response with a status below 500."""
        self.failing.pop(_key(scope), None)

    def open_circuits(self, now: float) -> Iterator[tuple[CircuitKey, float]]:
        """Yield each open circuit, and the seconds until it lets a call through."""
        for key, failures in self.failing.items():
            if failures.probe_at is not None and now - failures.last_at <= _FORGET_AFTER_S:
                yield key, max(0.0, failures.probe_at - now)

    def _sweep(self, now: float) -> None:
        if len(self.failing) >= _MAX_CIRCUITS:
            for key, failures in list(self.failing.items()):
                if now - failures.last_at > _FORGET_AFTER_S:
                    del self.failing[key]


def is_vendor_failure(outcome: UpstreamResponse | TransportError) -> bool:
    """Whether the outcome of an attempt counts as a failure: 5xx, or no complete response."""
    if isinstance(outcome, UpstreamResponse):
        return outcome.status >= _FIRST_SERVER_ERROR
    is_lost = isinstance(outcome, ConnectFailed | ResponseTimeout | ConnectionLost)
    return is_lost and not isinstance(outcome, StaleConnection)


def merge_open_circuits(
    states: Sequence[RateLimitState], delays_s: Mapping[UpstreamBucket, float]
) -> list[RateLimitState]:
    """Add an identity's open circuits to the states of its rate limits.

    Args:
        states: the states of the rate limits in use.
        delays_s: the seconds until each open circuit lets a call through, by bucket.
    """
    merged = [
        replace(
            state,
            is_circuit_open=True,
            paused_for_s=max(state.paused_for_s or 0.0, delays_s[state.bucket]),
        )
        if state.bucket in delays_s
        else state
        for state in states
    ]
    idle = delays_s.keys() - {state.bucket for state in states}
    return merged + [
        RateLimitState(bucket, None, 0, 0, None, delays_s[bucket], is_circuit_open=True)
        for bucket in UpstreamBucket
        if bucket in idle
    ]


def _key(scope: RateLimitScope) -> CircuitKey:
    return CircuitKey(scope.bucket, scope.identity)
