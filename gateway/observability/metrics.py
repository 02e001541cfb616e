"""Prometheus metrics, summed over worker processes."""

import os
from pathlib import Path
from typing import Final, Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.observability.series import DurationHistogram, SampledCounter

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The folder where processes share their metrics; prometheus_client reads it at import."""

_PREFIX: Final = "upgrade_gateway_"


class Metrics:
    """The metrics of one app. If processes share a folder, each renders the sum of all of them.

    `docs/guides/metrics.md` has the meaning of every metric and label.
    """

    def __init__(self) -> None:
        # Processes that share a folder have no `_created` series, so one process has none either.
        disable_created_metrics()  # type: ignore[no-untyped-call] # of the library
        self._registry = CollectorRegistry()
        self._folder = os.environ.get(SHARED_FOLDER_VARIABLE)
        # The multiprocess collector reads all metrics of this process from its files.
        registry = None if self._folder else self._registry
        self._create_counters(registry)
        self._create_gauges(registry)
        if self._folder is not None:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call] # of the library
            return
        # These describe a single process.
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def _create_counters(self, registry: CollectorRegistry | None) -> None:
        def histogram(name: str, help_text: str, *labels: str) -> DurationHistogram:
            return DurationHistogram(_PREFIX + name, help_text, labels, registry)

        def counter(name: str, help_text: str, *labels: str) -> Counter:
            return Counter(_PREFIX + name, help_text, labels, registry=registry)

        self.requests = histogram(
            "request_duration_seconds",
            "GraphQL requests, from acceptance to the end of the response.",
            *("operation", "type", "outcome"),
        )
        self.upstream_calls = histogram(
            "upstream_duration_seconds",
            "HTTP requests to Partner Center and to token issuers; each attempt counts.",
            *("endpoint", "outcome"),
        )
        self.event_loop_lag = histogram(
            "event_loop_lag_seconds",
            "How much later than planned the event loop ran a timer, once a second.",
        )
        self.errors = counter("errors", "Errors in responses.", "code")
        self.limit_refusals = counter(
            "limit_refusals", "Errors because a request exceeds a limit.", "rule"
        )
        self.operations_ended = counter(
            "operations_ended", "Operations that have ended.", "kind", "state"
        )
        self.seats_bought = counter("seats_bought", "Licenses of executed orders.", "kind")
        self.reads = SampledCounter(
            counter("upstream_reads", "Reads of requests: sent, or shared with one.", "result")
        )
        self.loader_keys = SampledCounter(
            counter("loader_keys", "Keys that data loaders loaded in batches.")
        )
        self.loader_batches = SampledCounter(
            counter("loader_batches", "Batches in which data loaders loaded their keys.")
        )

    def _create_gauges(self, registry: CollectorRegistry | None) -> None:
        def gauge(name: str, help_text: str, mode: _Mode, *labels: str) -> Gauge:
            return Gauge(
                _PREFIX + name, help_text, labels, registry=registry, multiprocess_mode=mode
            )

        self.requests_in_flight = gauge(
            "requests_in_flight", "Requests that are being executed, with streams.", "livesum"
        )
        self.upstream_in_flight = gauge(
            "upstream_in_flight", "Calls that Partner Center has not answered yet.", "livesum"
        )
        self.upstream_waiting = gauge(
            "upstream_waiting", "Calls that wait for a place among those in flight.", "livesum"
        )
        self.throttle_budget_left = gauge(
            "throttle_budget_left",
            "Calls that Partner Center still accepts, in the scope that has the fewest.",
            *("livemin", "bucket"),
        )
        self.throttle_paused_scopes = gauge(
            "throttle_paused_scopes",
            "Rate limits of Partner Center that are paused after a 429.",
            *("livemax", "bucket"),
        )
        self.circuit_open = gauge(
            "circuit_open",
            "1 while calls fail at once, because Partner Center failed the last ones.",
            *("livemax", "bucket"),
        )
        self.operations_open = gauge(
            "operations_open", "Operations that have not ended, in the store.", "mostrecent", "kind"
        )
        self.operations_in_doubt = gauge(
            "operations_in_doubt",
            "Operations in doubt that are not settled, in the store.",
            *("mostrecent", "kind"),
        )
        self.oldest_in_doubt = gauge(
            "oldest_in_doubt_seconds",
            "Age of the oldest operation in doubt that is not settled; 0 if there is none.",
            "mostrecent",
        )

    def render(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        if self._folder is not None:
            _forget_dead_processes(Path(self._folder))
        return generate_latest(self._registry)


_Mode = Literal["livesum", "livemin", "livemax", "mostrecent"]


def _forget_dead_processes(folder: Path) -> None:
    """Remove gauges of worker processes that have ended."""
    pids = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call] # of the library
