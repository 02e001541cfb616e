"""Submits once what many submit at a time, and answers in time when the store does not."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from gateway.operations.store.health import StoreHealth, unconfirmed

T = TypeVar("T")


class SubmissionQueue(Generic[T]):
    """Submissions that the store has not answered yet, by id."""

    def __init__(self, health: StoreHealth) -> None:
        self._health = health
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def submit_once(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Submit unless that is being done already; of many that wait, any may leave.

        Raises OperationsUnavailable when the store takes neither this nor anything else for too
        long. The submission goes on: it may be recorded later.
        """
        task = self._tasks.get(id) or self._start(id, submit)
        if not await self._health.wait_or_failure(task):
            raise unconfirmed()
        return task.result()

    def _start(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        task = self._tasks[id] = asyncio.create_task(submit())

        def done(_: object) -> None:
            del self._tasks[id]
            if not task.cancelled():
                task.exception()  # whoever waited has it; if all have left, the log has it

        task.add_done_callback(done)
        return task

    async def drain(self, within_s: float) -> None:
        """Let what is on its way be recorded."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_s)
