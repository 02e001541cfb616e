"""Work that is finished whether or not anybody still waits for it."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class DetachedTasks:
    """Keeps the work of clients that may leave before its end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()  # asyncio itself holds tasks weakly

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the work returns; cancelling the waiter does not cancel the work."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)
