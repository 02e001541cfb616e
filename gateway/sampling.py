"""Metrics that are read from other parts of the gateway, instead of counted as things happen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from gateway.clock import Clock
from gateway.edge.request_observer import RequestObserver
from gateway.observability.metrics import Metrics
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import BOUGHT, OperationResult
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.base import StoreUnavailable
from gateway.upstream.client import UpstreamClient
from gateway.upstream.endpoints import UpstreamBucket
from resolvers.dataloaders import LoaderCounts
from schema.operation_kind import OperationKindInput

_KINDS: Final = frozenset(kind.name for kind in OperationKindInput)
_INTERVAL_S: Final = 1.0
_STORE_TIMEOUT_S: Final = 2.0


class MetricsSampler:
    """Copies the state of this process to its metrics, every second.

    Args:
        client: the client whose calls are counted.
        runtime: the runtime whose operations are counted.
        clock: determines the age of operations.
    """

    def __init__(
        self,
        metrics: Metrics,
        client: UpstreamClient,
        runtime: OperationRuntime,
        clock: Clock,
    ) -> None:
        self._metrics = metrics
        self._client = client
        self._runtime = runtime
        self._clock = clock
        self._requests: RequestObserver | None = None
        self._batches: LoaderCounts | None = None

    def watch(self, requests: RequestObserver, batches: LoaderCounts) -> None:
        """Also copy the state of these objects, which are created later than the sampler."""
        self._requests, self._batches = requests, batches

    async def render(self) -> bytes:
        """Return all metrics. Those of the store are old if it does not respond in time."""
        self.sample()
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_STORE_TIMEOUT_S):
                await self._sample_store()
        return self._metrics.render()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Copy the state during the block, and measure delays of the event loop."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            expected_at = loop.time() + _INTERVAL_S
            await asyncio.sleep(_INTERVAL_S)
            self._metrics.event_loop_lag.observe((), max(0.0, loop.time() - expected_at))
            self.sample()

    def sample(self) -> None:
        metrics, usage = self._metrics, self._client.usage()
        metrics.upstream_in_flight.set(usage.in_flight)
        metrics.upstream_waiting.set(usage.waiting)
        metrics.reads.set_total(("sent",), usage.sent_reads)
        metrics.reads.set_total(("shared",), usage.shared_reads)
        for bucket in UpstreamBucket:
            metrics.circuit_open.labels(bucket.value).set(bucket in usage.open_circuits)
        for bucket, used in usage.buckets.items():
            metrics.throttle_paused_scopes.labels(bucket.value).set(used.paused_scopes)
            if used.budget_left is not None:
                metrics.throttle_budget_left.labels(bucket.value).set(used.budget_left)
        if self._requests is not None:
            metrics.requests_in_flight.set(self._requests.in_flight)
        if self._batches is not None:
            metrics.loader_keys.set_total((), self._batches.keys)
            metrics.loader_batches.set_total((), self._batches.batches)

    async def _sample_store(self) -> None:
        if self._runtime.is_starting:
            return
        metrics, counts = self._metrics, await self._runtime.store.count_operations()
        for kind in {*_KINDS, *counts.open, *counts.in_doubt}:
            metrics.operations_open.labels(kind).set(counts.open.get(kind, 0))
            metrics.operations_in_doubt.labels(kind).set(counts.in_doubt.get(kind, 0))
        since_us = counts.oldest_in_doubt_us
        age_s = 0.0 if since_us is None else self._clock.wall() - since_us / 1_000_000
        metrics.oldest_in_doubt.set(max(0.0, age_s))


def count_operation(metrics: Metrics, record: OperationRecord, result: OperationResult) -> None:
    """Count an operation that has ended, and the licenses that it bought."""
    state = result.outcome.state
    metrics.operations_ended.labels(record.kind, state.name).inc()
    if state in BOUGHT and result.quantity:
        metrics.seats_bought.labels(record.kind).inc(result.quantity)
