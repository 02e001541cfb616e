"""Prometheus metrics, summed over worker processes."""

import os
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The folder where processes share their metrics; prometheus_client reads it at import."""

_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10, 30)


class Metrics:
    """The metrics of one app; if processes share a folder, each renders the metrics of all.

    Attributes:
        requests: durations by type (`unknown` if the request was rejected) and by outcome: `ok`,
            the code of the first error, or `cancelled`. A stream is counted when it ends.
        upstream_calls: durations of exchanges with Partner Center, by method and by status or kind
            of failure.
    """

    def __init__(self) -> None:
        # Processes that share a folder have no `_created` series, so one process has none either.
        disable_created_metrics()  # type: ignore[no-untyped-call] # of the library
        self._registry = CollectorRegistry()
        is_shared = SHARED_FOLDER_VARIABLE in os.environ
        # The multiprocess collector reads all metrics of this process from its file.
        registry = None if is_shared else self._registry
        self.requests = DurationHistogram(
            "upgrade_gateway_request_duration_seconds",
            "GraphQL requests, from acceptance to the end of the response.",
            ("type", "outcome"),
            registry,
        )
        self.upstream_calls = DurationHistogram(
            "upgrade_gateway_upstream_duration_seconds",
            "HTTP requests to Partner Center and to token issuers; each attempt counts.",
            ("method", "outcome"),
            registry,
        )
        if is_shared:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call] # of the library
            return
        # These describe a single process.
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def render(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self._registry)


class _BisectedHistogram(Histogram):
    """Finds the bucket of an observation by bisection; the library tries one after the other."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        self._sum.inc(amount)
        self._buckets[bisect_left(self._upper_bounds, amount)].inc(1)


class DurationHistogram:
    """A histogram that caches the library's series, whose lookup costs more than an observation.

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
            series = self._series[labels] = self._histogram.labels(*labels)
        series.observe(seconds)
