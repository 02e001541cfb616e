"""Watchers that start only when a request first waits.

Most awaits of a request never wait: its body arrived with its head, and its document reads nothing
from upstream. Starting a watcher for them would cost more than the work itself.
"""

import asyncio
from collections.abc import Awaitable, Generator
from types import coroutine
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class Watcher(Protocol):
    """Watches for an event, such as a disconnect, while a task waits."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Stop observing. Called only after `start`."""
        ...


class CancelScope:
    """Cancels one task, and distinguishes that cancellation from others."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._is_cancelled = False

    def bind(self) -> None:
        """Make the current task the one to cancel."""
        self._task = asyncio.current_task()

    def release(self) -> None:
        """Detach from the task: later calls of `cancel` have no effect."""
        self._task = None

    def cancel(self) -> None:
        if self._task is not None:
            self._is_cancelled = True
            self._task.cancel()

    def uncancel(self) -> bool:
        """Undo this scope's cancellation; returns True if nothing else has cancelled the task."""
        if self._task is None or not self._is_cancelled:
            return False
        return self._task.uncancel() == 0


@coroutine
def run_with_watcher(work: Awaitable[T], watcher: Watcher) -> Generator[Any, Any, T]:
    """Await the work. The watcher runs from the work's first wait until its end."""
    steps = work.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as ended:
        return cast("T", ended.value)
    watcher.start()
    try:
        return (yield from _continue(steps, waits_for))
    finally:
        watcher.stop()


def _continue(steps: Generator[Any, Any, T], waits_for: object) -> Generator[Any, Any, T]:
    """Run the rest of a started coroutine; an exception from the loop is thrown into it."""
    try:
        yield waits_for
    except BaseException as thrown:  # noqa: BLE001 - above all the cancellation of its task
        return (yield from _throw(steps, thrown))
    return (yield from steps)


def _throw(steps: Generator[Any, Any, T], thrown: BaseException) -> Generator[Any, Any, T]:
    try:
        waits_for = steps.throw(thrown)
    except StopIteration as ended:
        return cast("T", ended.value)
    return (yield from _continue(steps, waits_for))
