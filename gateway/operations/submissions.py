"""Submitting once what many submit at a time, and telling them in time when it cannot be."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from gateway.operations.patience import Patience
from resolvers.ports.refusals import OperationsUnavailable

T = TypeVar("T")

_LATE: Final = "the database has not taken it in time, and it will not be sent later by itself"


class Submissions(Generic[T]):
    """What is being recorded at this moment, by id.

    Args:
        trouble: says in time why nothing can be recorded now, None when it can.
    """

    def __init__(self, trouble: Callable[[], Awaitable[str | None]], patience: Patience) -> None:
        self._trouble = trouble
        self._patience = patience
        self._tasks: dict[str, asyncio.Task[T]] = {}
        self._unwanted: set[str] = set()

    async def join(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Submit unless somebody does already; of many that wait, any may leave without harm.

        Raises OperationsUnavailable when the store fails meanwhile; what is recorded nevertheless
        is not wanted then.
        """
        task = self._tasks.get(id) or self._begun(id, submit)
        self._unwanted.discard(id)
        while not task.done():
            await asyncio.wait({task}, timeout=self._patience.unsure_after_s)
            if not task.done() and await self._trouble() and not task.done():
                self._unwanted.add(id)
                raise OperationsUnavailable(_LATE)
        return task.result()

    def _begun(self, id: str, submit: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        task = self._tasks[id] = asyncio.create_task(submit())

        def done(_: object) -> None:
            del self._tasks[id]
            if not task.cancelled() and task.exception() is not None:
                self._unwanted.discard(id)

        task.add_done_callback(done)
        return task

    def is_wanted(self, id: str) -> bool:
        """Whether nobody was told that it could not be recorded; asked once, when it begins."""
        if id not in self._unwanted:
            return True
        self._unwanted.discard(id)
        return False

    async def finish(self, within_s: float) -> None:
        """Let what is on its way be recorded."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_s)
