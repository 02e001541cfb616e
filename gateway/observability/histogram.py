"""How often something happened and how long it took, by labels; printed for Prometheus.

The client library's own histogram takes a lock and a lookup of its labels each time. These are
counted on the event loop alone, so a dictionary and a list are enough; the library prints them.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS_UP_TO_S: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10,
    30,
)
_EDGES: Final = (*(str(float(edge)) for edge in BUCKETS_UP_TO_S), "+Inf")


class DurationHistogram(Collector):
    """A histogram of durations.

    Args:
        name: with its unit, as Prometheus has it, such as `…_duration_seconds`.
        help_text: what was timed, a sentence.
        labels: names of what tells the series apart; of few values each.
    """

    def __init__(self, name: str, help_text: str, labels: Sequence[str]) -> None:
        self._name = name
        self._help_text = help_text
        self._labels = labels
        self._series: dict[tuple[str, ...], _Series] = {}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count one more under these labels."""
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = _Series()
        series.counts[bisect_left(BUCKETS_UP_TO_S, seconds)] += 1
        series.sum_s += seconds

    def collect(self) -> Iterator[Metric]:
        """Print what was counted so far."""
        family = HistogramMetricFamily(self._name, self._help_text, labels=self._labels)
        for labels, series in list(self._series.items()):
            buckets = list(zip(_EDGES, accumulate(series.counts), strict=True))
            family.add_metric(labels, buckets, series.sum_s)
        yield family


class _Series:
    __slots__ = ("counts", "sum_s")

    def __init__(self) -> None:
        self.counts = [0] * len(_EDGES)
        self.sum_s = 0.0
