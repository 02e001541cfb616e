"""Throttles calls by a sliding window. Rejected calls count too (CONTRACT 9)."""

import math
from collections import deque
from collections.abc import Hashable

from gateway.sandbox.operations import Bucket
from gateway.sandbox.options import ThrottleOptions


class SlidingWindow:
    """The times of the latest `limit` calls. Earlier calls have no effect."""

    __slots__ = ("_times_s", "_window_s")

    def __init__(self, limit: int, window_s: float) -> None:
        self._times_s: deque[float] = deque(maxlen=limit)
        self._window_s = window_s

    def count_call(self, now_s: float) -> float:
        """Count a call. Returns 0 if it is accepted, else the seconds until one would be."""
        if not self._times_s.maxlen:
            return self._window_s
        is_full = len(self._times_s) == self._times_s.maxlen
        is_rejected = is_full and now_s - self._times_s[0] < self._window_s
        self._times_s.append(now_s)  # first, because a rejected call extends the delay
        return self._window_s - (now_s - self._times_s[0]) if is_rejected else 0.0

    def is_idle(self, now_s: float) -> bool:
        return not self._times_s or now_s - self._times_s[-1] >= self._window_s


class Throttle:
    """The sliding windows, by bucket, partner and customer."""

    _SWEEP_AT = 10_000

    def __init__(self, options: ThrottleOptions) -> None:
        self.options = options
        self._windows: dict[Hashable, SlidingWindow] = {}

    def configure(self, options: ThrottleOptions) -> None:
        """Set the limits and reset the counts."""
        self.options = options
        self._windows.clear()

    def count_call(
        self, bucket: Bucket, partner: str, customer: str | None, now_s: float
    ) -> int | None:
        """Count a call. Returns None if it is accepted, else the whole seconds for Retry-After."""
        limit = self._get_limit(bucket)
        if limit is None:
            return None
        key = (bucket, partner, None if bucket is Bucket.PRODUCT_UPGRADES else customer)
        window = self._windows.get(key)
        if window is None:
            self._remove_idle_windows(now_s)
            window = self._windows[key] = SlidingWindow(limit, self.options.window_s)
        delay_s = window.count_call(now_s)
        return max(1, math.ceil(delay_s)) if delay_s > 0 else None

    def _get_limit(self, bucket: Bucket) -> int | None:
        if not self.options.enabled or bucket is Bucket.FREE:
            return None
        if bucket is Bucket.READS:
            return self.options.reads_per_customer
        if bucket is Bucket.PRODUCT_UPGRADES:
            return self.options.product_upgrades_per_partner
        return self.options.upgrades_per_customer

    def _remove_idle_windows(self, now_s: float) -> None:
        if len(self._windows) >= self._SWEEP_AT:
            kept = {k: each for k, each in self._windows.items() if not each.is_idle(now_s)}
            self._windows = kept
