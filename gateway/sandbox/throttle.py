"""A sliding window over calls; refused calls count too (CONTRACT section 9)."""

import math
from collections import deque
from collections.abc import Hashable

from gateway.sandbox.operations import Bucket
from gateway.sandbox.options import ThrottleOptions


class SlidingWindow:
    """The latest calls of one bucket; older ones than `limit` cannot matter and are not kept."""

    __slots__ = ("_times_s", "_window_s")

    def __init__(self, limit: int, window_s: float) -> None:
        self._times_s: deque[float] = deque(maxlen=limit)
        self._window_s = window_s

    def count_call(self, now_s: float) -> float:
        """Count a call; the seconds until one would be admitted, 0 when this one is."""
        if not self._times_s.maxlen:
            return self._window_s
        is_full = len(self._times_s) == self._times_s.maxlen
        is_rejected = is_full and now_s - self._times_s[0] < self._window_s
        self._times_s.append(now_s)  # before the wait is told: a refused call prolongs it
        return self._window_s - (now_s - self._times_s[0]) if is_rejected else 0.0

    def is_idle(self, now_s: float) -> bool:
        """Whether every counted call has left the window."""
        return not self._times_s or now_s - self._times_s[-1] >= self._window_s


class Throttle:
    """The windows of all partners and customers, by bucket."""

    _SWEEP_AT = 10_000

    def __init__(self, options: ThrottleOptions) -> None:
        self.options = options
        self._windows: dict[Hashable, SlidingWindow] = {}

    def configure(self, options: ThrottleOptions) -> None:
        """Take other limits and forget what was counted."""
        self.options = options
        self._windows.clear()

    def count_call(
        self, bucket: Bucket, partner: str, customer: str | None, now_s: float
    ) -> int | None:
        """Count a call; whole seconds to wait when it is refused, None when it is admitted."""
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
