"""Submits each id once at a time, and returns in time if the store does not respond."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from gateway.operations.store.health import StoreHealth, unconfirmed_error

T = TypeVar("T")


class SubmissionQueue(Generic[T]):
    """The submissions in progress, at most one for each id."""

    def __init__(self, health: StoreHealth) -> None:
        self._health = health
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def submit_once(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Submit, or wait for a submission of the same id that is in progress.

        Cancelling a caller does not cancel the submission. Raises OperationsUnavailable if the
        store accepts no write for too long; the submission continues and may still succeed.
        """
        task = self._tasks.get(id) or self._start(id, submit)
        if not await self._health.wait_while_writable(task):
            raise unconfirmed_error()
        return task.result()

    def _start(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        task = self._tasks[id] = asyncio.create_task(submit())

        def done(_: object) -> None:
            del self._tasks[id]
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio does not log it: callers have it

        task.add_done_callback(done)
        return task

    async def drain(self, timeout_s: float) -> None:
        """Wait for submissions in progress, up to `timeout_s`."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=timeout_s)
