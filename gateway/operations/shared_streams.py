"""Streams with many subscribers, at the cost of one; each subscriber sees the latest value."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from typing import Generic, TypeVar

from gateway.operations.change_notifier import ChangeNotifier

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Source(Generic[V]):
    """One running stream, with the latest value that it has yielded.

    Attributes:
        followers: the number of subscribers; the stream ends when the last one leaves.
    """

    def __init__(self) -> None:
        self.followers = 0
        self.task: asyncio.Task[None] | None = None
        self._latest: list[V] = []  # one, or none yet
        self._is_over = False
        self._failure: Exception | None = None
        self._changes = ChangeNotifier()

    async def run(self, values: AsyncGenerator[V, None]) -> None:
        """Read a stream to its end."""
        try:
            async with aclosing(values):
                async for value in values:
                    if self._latest != [value]:
                        self._latest = [value]
                        self._changes.notify()
        except Exception as failure:  # noqa: BLE001 - raised to the subscribers
            self._failure = failure
        self._is_over = True
        self._changes.notify()

    async def changes(self) -> AsyncGenerator[V, None]:
        """Yield the latest value after each change. Raises the error that ended the stream."""
        seen: list[V] = []
        while True:
            changed = self._changes.next_event()
            if self._latest and self._latest is not seen:
                seen = self._latest
                yield seen[0]
            elif self._is_over:
                break
            else:
                await changed.wait()
        if self._failure is not None:
            raise self._failure


class SharedStreams(Generic[K, V]):
    """Streams by key. All subscribers of a key share one stream.

    Values are not queued: a slow subscriber may miss values, but never the last one.
    """

    def __init__(self) -> None:
        self._sources: dict[K, _Source[V]] = {}

    async def follow(
        self, key: K, open_stream: Callable[[], AsyncGenerator[V, None]]
    ) -> AsyncGenerator[V, None]:
        """Yield the latest value of a stream, then each different one. Opens it if needed."""
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = _Source()
            source.task = asyncio.create_task(self._run(key, source, open_stream()))
        source.followers += 1
        try:
            async with aclosing(source.changes()) as changes:
                async for value in changes:
                    yield value
        finally:
            source.followers -= 1
            if source.followers == 0 and source.task is not None:
                source.task.cancel()
                self._remove(key, source)

    async def _run(self, key: K, source: _Source[V], values: AsyncGenerator[V, None]) -> None:
        await source.run(values)
        self._remove(key, source)

    def _remove(self, key: K, source: _Source[V]) -> None:
        if self._sources.get(key) is source:
            del self._sources[key]
