"""Rate limits for each caller, as buckets that leak evenly.

The headers are those of the IETF draft "RateLimit header fields for HTTP". Each process counts for
itself, so with several replicas a caller has a bucket in each of them.

The library `limits` is not used: its memory storage starts a thread every 10 ms while entries can
expire, each of which visits all callers, and its clock cannot be replaced in tests.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from cachetools import LRUCache

from gateway.asgi import Header
from schema.errors import LimitExceeded

Buckets: TypeAlias = LRUCache[str, float]
"""By caller, the time at which its bucket will be empty, by the monotonic clock."""

_MAX_CALLERS: Final = 10_000  # a caller that is forgotten starts with an empty bucket


class RateLimitExceeded(LimitExceeded):
    """A caller has used up its rate limit.

    Attributes:
        retry_after_s: whole seconds until the same request is accepted.
        headers: the HTTP headers of the response.
    """

    retry_after_s: int = 0
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Allows a number of units in each window of time, whether evenly or all at once."""

    name: str
    units: int
    window_s: float

    @property
    def policy(self) -> str:
        """The limit as an entry of the header `RateLimit-Policy`."""
        return f'"{self.name}";q={self.units};w={self.window_s:g}'


def create_buckets() -> Buckets:
    return LRUCache(_MAX_CALLERS)


class RateLimiter:
    """Enforces one rate limit for every caller.

    Args:
        monotonic: a clock, in seconds.
        buckets: the units used so far. A limiter that replaces another can take over its buckets;
            each then remains full to the same proportion.
    """

    def __init__(self, limit: RateLimit, monotonic: Callable[[], float], buckets: Buckets) -> None:
        self.limit = limit
        self._monotonic = monotonic
        self._unit_s = limit.window_s / limit.units
        self._empty_at = buckets

    def acquire(self, caller: str, units: int) -> str:
        """Take units, and return an entry of the header `RateLimit`.

        More units than the maximum use up the whole bucket. Raises RateLimitExceeded, and then
        takes none.
        """
        now = self._monotonic()
        needed_s = min(units, self.limit.units) * self._unit_s
        filled_s = max(self._empty_at.get(caller, now) - now, 0.0) + needed_s
        if filled_s > self.limit.window_s:
            raise self._exceeded(filled_s - self.limit.window_s, filled_s - needed_s)
        self._empty_at[caller] = now + filled_s
        return self._remaining(filled_s)

    def charge(self, caller: str, units: int) -> None:
        """Count units that were already used, even beyond the limit."""
        now = self._monotonic()
        self._empty_at[caller] = max(self._empty_at.get(caller, now), now) + units * self._unit_s

    def _remaining(self, filled_s: float) -> str:
        remaining = max(0, int((self.limit.window_s - filled_s) / self._unit_s))
        return f'"{self.limit.name}";r={remaining};t={math.ceil(filled_s)}'

    def _exceeded(self, delay_s: float, filled_s: float) -> RateLimitExceeded:
        limit, retry_after_s = self.limit, math.ceil(delay_s)
        error = RateLimitExceeded(
            f"You have exceeded your rate limit of {limit.units:,} {limit.name} in"
            f" {limit.window_s:g} s. Retry in {retry_after_s} s."
        )
        error.rule = f"{limit.name}_rate"
        error.retry_after_s = retry_after_s
        error.headers = (
            (b"retry-after", str(retry_after_s).encode()),
            (b"ratelimit-policy", limit.policy.encode()),
            (b"ratelimit", self._remaining(filled_s).encode()),
        )
        return error
