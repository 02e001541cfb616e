"""Tracks the vendor's rate limits. Does not read a clock and does not wait.

The vendor counts calls for the partner, or for the partner and one customer, and responds with
429 when there are too many. A 429 pauses exactly its own scope, for the time in `Retry-After`.
After the pause one call is sent, and every response doubles the number of calls in flight, so that
the waiting calls do not cause the next 429.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from gateway.upstream.endpoints import UpstreamBucket

_FIRST_SWEEP_SCOPES: Final = 1024
_RECOVERED_IN_FLIGHT: Final = 32  # the default of `max_in_flight`
_PAUSE_RETENTION_S: Final = 60.0  # after its end, if no call is made in this scope


class RateLimitScope(NamedTuple):
    """The calls that share a rate limit: those of a bucket, an identity and perhaps a customer."""

    bucket: UpstreamBucket
    identity: str
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class WindowLimit:
    """A limit of `calls` in any `window_s` seconds."""

    calls: int
    window_s: float


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """The state of one rate limit, as the graph shows it.

    Attributes:
        sent_in_window: calls in the current window; 0 if no limit is known.
        limit: the maximum number of calls in a window, if known.
        paused_for_s: seconds until calls are sent again; None if calls are not paused.
        is_circuit_open: whether calls fail at once (`circuits.py`).
    """

    bucket: UpstreamBucket
    customer_id: str | None
    in_flight: int
    sent_in_window: int
    limit: int | None
    paused_for_s: float | None
    is_circuit_open: bool = False


@dataclass(slots=True)
class BucketUsage:
    """The usage of a bucket's rate limits, for all customers and identities together.

    Attributes:
        budget_left: how many calls the most used rate limit still allows; None if no limit is
            known.
        paused_scopes: the number of rate limits that are paused after a 429.
    """

    budget_left: int | None
    paused_scopes: int = 0


@dataclass(slots=True)
class _ScopeUsage:
    in_flight: int = 0
    paused_until: float = -math.inf
    # After a pause: how many calls may be in flight. Each response doubles it; None is no limit.
    max_in_flight: int | None = None
    sent_at: deque[float] = field(default_factory=deque)


class RateLimitTracker:
    """Tracks the rate limits in use; forgets those that are idle.

    Args:
        limits: known limits by bucket; others are learned from 429 responses.
    """

    def __init__(self, limits: Mapping[UpstreamBucket, WindowLimit]) -> None:
        self._total_limits = limits
        self._limits = limits
        self._scopes: dict[RateLimitScope, _ScopeUsage] = {}
        self._sweep_at = _FIRST_SWEEP_SCOPES

    def __len__(self) -> int:
        return len(self._scopes)

    def share_limits(self, processes: int) -> None:
        """Use an equal part of each known limit, because other processes use the rest."""
        self._limits = {
            bucket: replace(limit, calls=max(1, limit.calls // processes))
            for bucket, limit in self._total_limits.items()
        }

    def delay_s(self, key: RateLimitScope, now: float) -> float:
        """Return the seconds until a call may be sent.

        It is infinity if a call in flight has to end before.
        """
        scope = self._scopes.get(key)
        # A paused scope has a maximum until it has recovered.
        if scope is None or (scope.max_in_flight is None and not self._limits):
            return 0.0
        if now < scope.paused_until:
            return scope.paused_until - now
        if scope.max_in_flight is not None and scope.in_flight >= scope.max_in_flight:
            return math.inf
        return self._window_delay_s(key, scope, now)

    def count_open(self, key: RateLimitScope, now: float, wanted: int) -> int:
        """Return how many of `wanted` calls may be sent now."""
        scope = self._scopes.get(key)
        if not self._limits and (scope is None or scope.max_in_flight is None):
            return wanted
        if self.delay_s(key, now) > 0:
            return 0
        limit = self._limits.get(key.bucket)
        if limit is not None:
            wanted = min(wanted, limit.calls - (len(scope.sent_at) if scope else 0))
        if scope is not None and scope.max_in_flight is not None:
            wanted = min(wanted, scope.max_in_flight - scope.in_flight)
        return wanted

    def on_sent(self, key: RateLimitScope, now: float, calls: int = 1) -> None:
        """Count calls that are sent now. Send no more than `count_open` returns."""
        scope = self._scopes.get(key)
        if scope is None:
            self._sweep(now)
            scope = self._scopes[key] = _ScopeUsage()
        scope.in_flight += calls
        if self._limits and key.bucket in self._limits:
            scope.sent_at.extend([now] * calls)

    def on_finished(self, key: RateLimitScope, now: float, *, is_accepted: bool) -> None:
        """Count a call as ended.

        Args:
            key: the rate limit of the call.
            now: seconds of the monotonic clock.
            is_accepted: whether the vendor responded, and not with 429; false after a cancellation.
        """
        scope = self._scopes[key]
        scope.in_flight -= 1
        if is_accepted and scope.max_in_flight is not None and now >= scope.paused_until:
            doubled = scope.max_in_flight * 2
            scope.max_in_flight = doubled if doubled < _RECOVERED_IN_FLIGHT else None

    def pause(self, key: RateLimitScope, until: float) -> None:
        """Send no calls of this rate limit until a time. Never shortens a pause."""
        scope = self._scopes.setdefault(key, _ScopeUsage())
        if until > scope.paused_until:
            scope.paused_until = until
            scope.max_in_flight = 1

    def snapshot(self, identity: str, now: float) -> list[RateLimitState]:
        """Return the states of the rate limits that an identity uses, the oldest first."""
        return [
            self._state(key, scope, now)
            for key, scope in self._scopes.items()
            if key.identity == identity and not self._is_idle(key, scope, now)
        ]

    def usage_by_bucket(self, now: float) -> dict[UpstreamBucket, BucketUsage]:
        """Return the usage of the rate limits of each bucket."""
        found = {bucket: BucketUsage(limit.calls) for bucket, limit in self._limits.items()}
        for key, scope in self._scopes.items():
            usage = found.setdefault(key.bucket, BucketUsage(None))
            usage.paused_scopes += now < scope.paused_until
            if usage.budget_left is not None:
                self._window_delay_s(key, scope, now)  # removes calls older than the window
                left = self._limits[key.bucket].calls - len(scope.sent_at)
                usage.budget_left = min(usage.budget_left, max(left, 0))
        return found

    def _state(self, key: RateLimitScope, scope: _ScopeUsage, now: float) -> RateLimitState:
        limit = self._limits.get(key.bucket)
        return RateLimitState(
            bucket=key.bucket,
            customer_id=key.customer_id,
            in_flight=scope.in_flight,
            sent_in_window=len(scope.sent_at),
            limit=limit.calls if limit else None,
            paused_for_s=scope.paused_until - now if scope.paused_until > now else None,
        )

    def _window_delay_s(self, key: RateLimitScope, scope: _ScopeUsage, now: float) -> float:
        limit = self._limits.get(key.bucket)
        if limit is None:
            return 0.0
        while scope.sent_at and scope.sent_at[0] <= now - limit.window_s:
            scope.sent_at.popleft()
        if len(scope.sent_at) < limit.calls:
            return 0.0
        # There can be more than the limit, which is smaller since another process has started.
        return scope.sent_at[-limit.calls] + limit.window_s - now

    def _is_idle(self, key: RateLimitScope, scope: _ScopeUsage, now: float) -> bool:
        self._window_delay_s(key, scope, now)  # removes calls that are older than the window
        is_closed = (
            scope.max_in_flight is not None and now < scope.paused_until + _PAUSE_RETENTION_S
        )
        return not (scope.in_flight or scope.sent_at or is_closed)

    def _sweep(self, now: float) -> None:
        # Because the threshold doubles, each scope is inspected about twice in its life.
        if len(self._scopes) < self._sweep_at:
            return
        idle = [key for key, scope in self._scopes.items() if self._is_idle(key, scope, now)]
        for key in idle:
            del self._scopes[key]
        self._sweep_at = max(_FIRST_SWEEP_SCOPES, 2 * len(self._scopes))
