"""Series of metrics that are cheaper to update than the library's."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10, 30)


class _BisectedHistogram(Histogram):
    """Finds the bucket of an observation by bisection; the library tries one after the other."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        self._sum.inc(amount)
        self._buckets[bisect_left(self._upper_bounds, amount)].inc(1)


class DurationHistogram:
    """A histogram that caches its series by labels, because the library's lookup is slow.

    Args:
        name: ends in `_seconds`.
        labels: the names of labels, each of which has few different values.
        registry: None if a multiprocess collector renders it.
    """

    def __init__(
        self, name: str, help_text: str, labels: Sequence[str], registry: CollectorRegistry | None
    ) -> None:
        self._histogram = _BisectedHistogram(
            name, help_text, labels, buckets=_BUCKETS_S, registry=registry
        )
        self._series: dict[tuple[str, ...], Histogram] = {}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = (
                self._histogram.labels(*labels) if labels else self._histogram
            )
        series.observe(seconds)


class SampledCounter:
    """A Prometheus counter that is set to a total that other code counts at less cost."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._totals: dict[tuple[str, ...], float] = {}

    def set_total(self, labels: tuple[str, ...], total: float) -> None:
        """Raise the counter by the increase of this process's total."""
        before = self._totals.get(labels, 0)
        if total > before or labels not in self._totals:
            self._totals[labels] = total
            counter = self._counter.labels(*labels) if labels else self._counter
            counter.inc(total - before)
