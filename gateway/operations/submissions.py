"""Submitting once what many submit at a time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Submissions(Generic[T]):
    """What is being recorded at this moment, by id."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def join(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Submit unless somebody does already; of many that wait, any may leave without harm."""
        task = self._tasks.get(id)
        if task is None:
            task = self._tasks[id] = asyncio.create_task(submit())
            task.add_done_callback(lambda _: self._tasks.pop(id, None))
        return await asyncio.shield(task)

    async def finish(self, within_s: float) -> None:
        """Let what is on its way be recorded."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_s)
