"""Timings that all processes of a gateway share, in the library's files."""

from collections.abc import Sequence

from prometheus_client import Histogram

from gateway.observability.histogram import BUCKETS_UP_TO_S


class MultiprocessHistogram:
    """Fits `Timings.observe`; slower, as each count goes to a file that is mapped into memory.

    Args:
        name: as for Timings.
        help_text: as for Timings.
        labels: as for Timings.
    """

    def __init__(self, name: str, help_text: str, labels: Sequence[str]) -> None:
        # The collector of all files prints it; a registry would print this process's once more.
        self._histogram = Histogram(name, help_text, labels, buckets=BUCKETS_UP_TO_S, registry=None)
        self._series: dict[tuple[str, ...], Histogram] = {}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count one more under these labels."""
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = self._histogram.labels(*labels)
        series.observe(seconds)
