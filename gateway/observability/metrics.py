"""Counts for Prometheus, summed over workers, and the page `/metrics`."""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.observability.histogram import DurationHistogram
from gateway.observability.multiprocess_histogram import MultiprocessHistogram

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder where processes share their counts; read by prometheus_client when imported."""


class Metrics:
    """The counts of one app; where processes share them, `/metrics` of any prints all of them.

    Attributes:
        requests: by type (`unknown` of what was not admitted) and by how they ended: `ok`, the code
            of their first error, or `cancelled`; streams when they have ended.
        upstream_calls: exchanges with the vendor, by method and by status, or by what failed.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._is_shared = SHARED_FOLDER_VARIABLE in os.environ
        self.requests = self._histogram(
            "upgrade_gateway_request_duration_seconds",
            "GraphQL requests, from their admission to their end.",
            "type",
            "outcome",
        )
        self.upstream_calls = self._histogram(
            "upgrade_gateway_upstream_duration_seconds",
            "Exchanges with Partner Center, each sending of a call counted.",
            "method",
            "outcome",
        )
        if self._is_shared:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call] # of the library
            return
        # These tell of one process, which is as good as any only where there is one.
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def _histogram(
        self, name: str, help_text: str, *labels: str
    ) -> DurationHistogram | MultiprocessHistogram:
        if self._is_shared:
            return MultiprocessHistogram(name, help_text, labels)
        timings = DurationHistogram(name, help_text, labels)
        self._registry.register(timings)
        return timings

    def render(self) -> bytes:
        """Print all in Prometheus's text format."""
        return generate_latest(self._registry)
