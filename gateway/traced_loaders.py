"""Records the batches of data loaders as spans. Used only if traces are on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gateway.observability.tracing import Tracing
from resolvers.dataloaders import K, LoadBatch, LoaderCounts, V, start
from resolvers.promise import Promise

if TYPE_CHECKING:
    from opentelemetry.context import Context


class TracedLoaderCounts(LoaderCounts):
    """Counts the batches that the loaders of one request load, and records them as spans."""

    def __init__(self, counts: LoaderCounts, tracing: Tracing, parent: "Context") -> None:
        self._counts = counts
        self._tracing = tracing
        # Not the context at the time of a batch, which another request's response may start.
        self._parent = parent

    def counted(self, load_batch: LoadBatch[K, V]) -> LoadBatch[K, V]:
        load: Any = self._counts.counted(load_batch)

        def traced(keys: list[K]) -> Promise[Sequence[V | BaseException]]:
            attributes = {"upgrade_gateway.batch.keys": type(keys[0]).__name__}
            size = {"upgrade_gateway.batch.size": len(keys)}
            span = self._tracing.start("load batch", self._parent, {**attributes, **size})
            promise: Promise[Any] = start(load, keys)
            promise.on_settled(lambda settled: span.end())
            return promise

        return traced
