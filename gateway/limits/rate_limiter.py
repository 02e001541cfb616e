"""How much one caller may ask in a time, as a bucket that leaks evenly.

The headers are those of the IETF's draft "RateLimit header fields for HTTP". Counted in this
process alone: behind several replicas a caller has as many buckets.

The library `limits` is not used: its storage in memory starts a thread for every 10 ms in which
something may expire, which looks at all callers, and its clock cannot be set.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from cachetools import LRUCache

from gateway.asgi import Header
from schema.errors import LimitExceeded

Buckets: TypeAlias = LRUCache[str, float]
"""By caller, when its bucket will have leaked empty: as full a share of any quota."""

_CALLERS: Final = 10_000
"""Callers remembered at a time; whoever is forgotten begins with an empty bucket."""


class RateLimitExceeded(LimitExceeded):
    """A caller has asked too much in a time.

    Attributes:
        retry_after_s: whole seconds until the same may be asked again.
        headers: what HTTP tells of it.
    """

    retry_after_s: int = 0
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many units in so many seconds, all at once or evenly."""

    name: str
    units: int
    window_s: float

    @property
    def policy(self) -> str:
        """As `RateLimit-Policy` lists it."""
        return f'"{self.name}";q={self.units};w={self.window_s:g}'


def create_buckets() -> Buckets:
    """Make the buckets of callers who have taken nothing."""
    return LRUCache(_CALLERS)


class RateLimiter:
    """One quota for all callers.

    Args:
        monotonic: a clock, in seconds.
        buckets: what each has taken; they may be another rate's that is in force no longer.

    Attributes:
        quota: what each may take.
    """

    def __init__(self, quota: RateLimit, monotonic: Callable[[], float], buckets: Buckets) -> None:
        self.limit = quota
        self._monotonic = monotonic
        self._unit_s = quota.window_s / quota.units
        self._empty_at = buckets

    def acquire(self, caller: str, units: int) -> str:
        """Take units and return what `RateLimit` tells. Raises RateExceeded; then none is taken.

        More units than there ever are need the whole bucket.
        """
        now = self._monotonic()
        needed_s = min(units, self.limit.units) * self._unit_s
        full_s = max(self._empty_at.get(caller, now) - now, 0.0) + needed_s
        if full_s > self.limit.window_s:
            raise self._exceeded(full_s - self.limit.window_s, full_s - needed_s)
        self._empty_at[caller] = now + full_s
        return self._left(full_s)

    def charge(self, caller: str, units: int) -> None:
        """Take units that have been used already, if need be beyond the quota."""
        now = self._monotonic()
        self._empty_at[caller] = max(self._empty_at.get(caller, now), now) + units * self._unit_s

    def _left(self, full_s: float) -> str:
        left = max(0, int((self.limit.window_s - full_s) / self._unit_s))
        return f'"{self.limit.name}";r={left};t={math.ceil(full_s)}'

    def _exceeded(self, wait_s: float, full_s: float) -> RateLimitExceeded:
        retry_after_s = math.ceil(wait_s)
        error = RateLimitExceeded(
            f"You have asked too much in a short time; ask again in {retry_after_s} s."
        )
        error.rule = f"{self.limit.name}_rate"
        error.retry_after_s = retry_after_s
        error.headers = (
            (b"retry-after", str(retry_after_s).encode()),
            (b"ratelimit-policy", self.limit.policy.encode()),
            (b"ratelimit", self._left(full_s).encode()),
        )
        return error
