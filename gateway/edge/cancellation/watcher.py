"""What is begun only when a request first waits.

Most that a request awaits is there already: its body came with its head, its document reads
nothing from the vendor. Whatever would watch over the wait costs more than that work itself.
"""

from collections.abc import Awaitable, Generator
from types import coroutine
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class Watcher(Protocol):
    """Watches over a wait, in the task that waits."""

    def start(self) -> None:
        """Begin to watch."""
        ...

    def stop(self) -> None:
        """Watch no longer; called only after `start`."""
        ...


@coroutine
def run_with_watcher(work: Awaitable[T], watch: Watcher) -> Generator[Any, Any, T]:
    """Await work, watched from when it first waits until it has ended."""
    steps = work.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as ended:
        return cast("T", ended.value)
    watch.start()
    try:
        return (yield from _resumed(steps, waits_for))
    finally:
        watch.stop()


def _resumed(steps: Generator[Any, Any, T], waits_for: object) -> Generator[Any, Any, T]:
    """Go on with what has begun and waits; what comes instead of its value is thrown into it."""
    try:
        yield waits_for
    except BaseException as thrown:  # noqa: BLE001 - above all the cancellation of its task
        return (yield from _thrown_into(steps, thrown))
    return (yield from steps)


def _thrown_into(steps: Generator[Any, Any, T], thrown: BaseException) -> Generator[Any, Any, T]:
    try:
        waits_for = steps.throw(thrown)
    except StopIteration as ended:
        return cast("T", ended.value)
    return (yield from _resumed(steps, waits_for))
