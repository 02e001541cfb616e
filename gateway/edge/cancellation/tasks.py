"""Running coroutines as tasks: the first of several, or one that its caller may abandon."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def race(*work: Coroutine[Any, Any, T]) -> T:
    """Return or raise the result of the first coroutine to end, and cancel the others.

    If several end in the same step of the event loop, the first argument among them wins.
    """
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = next(task for task in tasks if task.done())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return first.result()


class DetachedTasks:
    """Runs work that must finish even if its client disconnects."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()  # asyncio itself holds tasks weakly

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the work's result; cancelling the waiter does not cancel the work."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)
