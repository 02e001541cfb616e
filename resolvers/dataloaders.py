"""Data loaders: one call for each key, and one call for many keys.

Both load a key once and cache its promise, including errors. It is given up when the request ends,
not when one of those who await it is cancelled.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, Generic, Protocol, TypeVar, cast

from aiodataloader import DataLoader, Loader

from resolvers.promise import Promise, promise_of


class LoaderKey(Protocol):
    @property
    def normalized(self) -> Hashable:
        """The form of the key that is the same for all its spellings."""
        ...


K = TypeVar("K", bound=LoaderKey)
V = TypeVar("V")
S = TypeVar("S")
LoadBatch = Callable[[list[K]], Awaitable[Sequence[V | BaseException]]]


class KeyLoader(Generic[K, V]):
    """Loads the value of each key with a call of its own, and caches it."""

    def __init__(self, load_one: Callable[[K], Awaitable[V]]) -> None:
        self._load_one = load_one
        self._promises: dict[Hashable, Promise[V]] = {}

    def load(self, key: K) -> Promise[V]:
        """Return a promise of a key's value or error."""
        normalized = key.normalized
        promise = self._promises.get(normalized)
        if promise is None:
            promise = self._promises[normalized] = self._start(key)
            promise.is_shared = True
        return promise

    def _start(self, key: K) -> Promise[V]:
        return start(self._load_one, key)

    def prime(self, key: K, value: V) -> None:
        """Cache a value that a call for something else has returned."""
        if key.normalized not in self._promises:
            self._promises[key.normalized] = Promise.resolved(value)

    def has(self, key: K) -> bool:
        """Whether the key's value is cached or being loaded."""
        return key.normalized in self._promises

    def cancel(self) -> None:
        """Cancel the calls in flight."""
        for promise in self._promises.values():
            if not promise.is_settled:
                promise.cancel()


class _GroupLoader(DataLoader[K, V]):
    """Loads all keys of one event loop tick with one call.

    `load` returns promises, and a batch is loaded without the two tasks that aiodataloader creates.
    `load_batch` returns errors instead of raising them.
    """

    cache = False  # `BatchingLoader` caches
    loop: Any = SimpleNamespace(create_future=Promise)  # `load` calls it for its result

    def __init__(self, load_batch: LoadBatch[K, V]) -> None:
        # Without DataLoader's own, which inspects `batch_load_fn` for longer than a load takes.
        self._queue = []
        self._load_batch = load_batch
        self._running: set[Promise[Any]] = set()

    def get_cache_key(self, key: K) -> Any:
        return key

    def do_resolve_reject(self, key: K, future: Any) -> None:
        if not self._queue:
            get_running_loop().call_soon(self._load_queue)
        self._queue.append(Loader(key=key, future=future))

    def _load_queue(self) -> None:
        queue, self._queue = self._queue, []
        if queue:
            batch = start(self._load_batch, [each.key for each in queue])
            self._running.add(batch)
            batch.on_settled(partial(self._end, queue))

    def _end(self, queue: list[Loader], batch: Promise[Sequence[V | BaseException]]) -> None:
        self._running.discard(batch)
        results = batch.outcome()
        if not isinstance(results, BaseException) and len(results) != len(queue):
            results = LookupError(f"{len(results)} values were loaded for {len(queue)} keys")
        if isinstance(results, BaseException):
            results = [results] * len(queue)
        for each, result in zip(queue, results, strict=True):
            promise: Any = each.future
            if isinstance(result, BaseException):
                promise.reject(result)
            else:
                promise.resolve(result)

    def cancel(self) -> None:
        self._queue = []
        for promise in list(self._running):
            promise.cancel()


class LoaderCounts:
    """Counts, for metrics, the batches that loaders load, and the keys in them."""

    def __init__(self) -> None:
        self.keys = 0
        self.batches = 0

    def counted(self, load_batch: LoadBatch[K, V]) -> LoadBatch[K, V]:
        def load(keys: list[K]) -> Awaitable[Sequence[V | BaseException]]:
            self.batches += 1
            self.keys += len(keys)
            return load_batch(keys)

        return load


class BatchingLoader(KeyLoader[K, V]):
    """Loads keys together if they belong to the same group, and caches their values."""

    def __init__(self, group_of: Callable[[K], Hashable], load_batch: LoadBatch[K, V]) -> None:
        self._promises = {}
        self._group_of = group_of
        self._load_batch = load_batch
        self._groups: dict[Hashable, _GroupLoader[K, V]] = {}

    def _start(self, key: K) -> Promise[V]:
        """Load a key together with the keys of its group that are requested in the same tick."""
        name = self._group_of(key)
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _GroupLoader(self._load_batch)
        promise: Any = group.load(key)
        return cast("Promise[V]", promise)

    def cancel(self) -> None:
        for group in self._groups.values():
            group.cancel()
        super().cancel()


def start(load: Callable[[S], Awaitable[V]], key: S) -> Promise[V]:
    """Call a function that loads a value, and return a promise, even if the function raises."""
    try:
        return promise_of(load(key))
    except Exception as error:  # noqa: BLE001 - the promise's
        return Promise.rejected(error)
