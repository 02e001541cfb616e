"""How much a scope has been used and how long it is closed: state without a clock or a socket.

The vendor counts calls for the partner, or for the partner and one customer, and answers 429 when
there are too many. A 429 closes exactly its scope for `Retry-After`. When the pause is over one
call goes first, and each answer lets twice as many be in flight, so that a crowd does not run
into the next refusal.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.upstream.endpoints import UpstreamBucket

_FIRST_SWEEP_SCOPES: Final = 1024
_RECOVERED_IN_FLIGHT: Final = 32  # as many as a process sends at once unless told otherwise
_PAUSE_RETENTION_S: Final = 60.0  # after its end, in case nobody comes to try the scope


class RateLimitScope(NamedTuple):
    """What the vendor counts as one: a bucket, for whom, and of which customer."""

    bucket: UpstreamBucket
    identity: str
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class WindowLimit:
    """At most `calls` sent in any `window_s` seconds."""

    calls: int
    window_s: float


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """A scope as people may see it.

    Attributes:
        sent_in_window: calls of the present window; 0 where no limit is known.
        limit: calls a window may hold, if that is known.
        paused_for_s: seconds until calls are sent again, or None when open.
    """

    bucket: UpstreamBucket
    customer_id: str | None
    in_flight: int
    sent_in_window: int
    limit: int | None
    paused_for_s: float | None


@dataclass(slots=True)
class _ScopeUsage:
    in_flight: int = 0
    paused_until: float = -math.inf
    # After a pause: how many may be in flight, doubled by each answer; None: as many as come.
    max_in_flight: int | None = None
    sent_at: deque[float] = field(default_factory=deque)


class RateLimitTracker:
    """All scopes in use; idle ones are forgotten.

    Args:
        limits: by bucket; what a bucket without one allows is found out by 429.
    """

    def __init__(self, limits: Mapping[UpstreamBucket, WindowLimit]) -> None:
        self._limits = limits
        self._scopes: dict[RateLimitScope, _ScopeUsage] = {}
        self._sweep_at = _FIRST_SWEEP_SCOPES

    def __len__(self) -> int:
        return len(self._scopes)

    def delay_s(self, key: RateLimitScope, now: float) -> float:
        """Return seconds until a call may be sent: 0 now, infinity after one in flight is back."""
        scope = self._scopes.get(key)
        if scope is None:
            return 0.0
        if now < scope.paused_until:
            return scope.paused_until - now
        if scope.max_in_flight is not None and scope.in_flight >= scope.max_in_flight:
            return math.inf
        return self._window_delay_s(key, scope, now)

    def on_sent(self, key: RateLimitScope, now: float) -> None:
        """Count a call that leaves now; to be asked only when `wait_s` is 0."""
        scope = self._scopes.get(key)
        if scope is None:
            self._sweep(now)
            scope = self._scopes[key] = _ScopeUsage()
        scope.in_flight += 1
        if key.bucket in self._limits:
            scope.sent_at.append(now)

    def on_finished(self, key: RateLimitScope, now: float, *, is_accepted: bool) -> None:
        """Count a call as back; `is_accepted` unless refused by 429, cancelled or unanswered."""
        scope = self._scopes[key]
        scope.in_flight -= 1
        if is_accepted and scope.max_in_flight is not None and now >= scope.paused_until:
            doubled = scope.max_in_flight * 2
            scope.max_in_flight = doubled if doubled < _RECOVERED_IN_FLIGHT else None

    def pause(self, key: RateLimitScope, until: float) -> None:
        """Close a scope of which a call has just been refused; never shortens a pause."""
        scope = self._scopes[key]
        scope.paused_until = max(scope.paused_until, until)
        scope.max_in_flight = 1

    def snapshot(self, identity: str, now: float) -> list[RateLimitState]:
        """Describe the scopes that `identity` has in use, the longest known first."""
        return [
            self._state(key, scope, now)
            for key, scope in self._scopes.items()
            if key.identity == identity and not self._is_idle(key, scope, now)
        ]

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
        return scope.sent_at[0] + limit.window_s - now

    def _is_idle(self, key: RateLimitScope, scope: _ScopeUsage, now: float) -> bool:
        self._window_delay_s(key, scope, now)  # drops what has left the window
        is_closed = (
            scope.max_in_flight is not None and now < scope.paused_until + _PAUSE_RETENTION_S
        )
        return not (scope.in_flight or scope.sent_at or is_closed)

    def _sweep(self, now: float) -> None:
        # Doubling spreads the cost: each scope is looked at about twice in its life.
        if len(self._scopes) < self._sweep_at:
            return
        idle = [key for key, scope in self._scopes.items() if self._is_idle(key, scope, now)]
        for key in idle:
            del self._scopes[key]
        self._sweep_at = max(_FIRST_SWEEP_SCOPES, 2 * len(self._scopes))
