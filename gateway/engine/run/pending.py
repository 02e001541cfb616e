"""Values of a response that are not available yet."""

from asyncio import Future
from collections.abc import Awaitable, Iterable
from inspect import iscoroutine
from typing import Any

from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter, path_keys


class PendingValue:
    """A placeholder in the response for a value that must be awaited; it keeps the order of keys.

    Attributes:
        container: the object or list that it is in; None until that is created.
        future: the awaitable itself if it is a future, or the task that awaits it; None for a
            promise: an awaitable with `on_settled`, which calls back, and `result`.
        is_discarded: the result is not used, because a null has replaced the value or an object
            around it.
    """

    __slots__ = (
        "awaitable",
        "complete",
        "container",
        "future",
        "is_discarded",
        "key",
        "parent",
        "slot",
    )

    def __init__(
        self,
        awaitable: Any,
        complete: ValueCompleter,
        parent: ResponsePath | None,
        key: str | int,
        slot: FieldSlot,
    ) -> None:
        self.awaitable = awaitable
        self.complete = complete
        self.parent = parent
        self.key: Any = key
        self.slot = slot
        self.container: Any = None
        self.future: Future[Any] | None = None
        self.is_discarded = False

    @property
    def keys(self) -> tuple[str | int, ...]:
        """The keys from the root of the response to the value."""
        return (*path_keys(self.parent), self.key)

    def find_container(self, candidates: Iterable[Any]) -> Any:
        """Return the object or list that has this value at its key; None if none of them has."""
        for candidate in candidates:
            try:
                if candidate[self.key] is self:
                    return candidate
            except (LookupError, TypeError):  # no container, or one with other keys
                continue
        return None


def discard(awaitable: Awaitable[Any]) -> None:
    """Close a coroutine that will not be awaited, so that Python does not warn about it.

    A future is not cancelled, since others may await it; its error is marked as retrieved.
    """
    if iscoroutine(awaitable):
        awaitable.close()
    elif isinstance(awaitable, Future):
        awaitable.add_done_callback(retrieve_exception)


def retrieve_exception(future: "Future[Any]") -> None:
    """Mark a future's exception as retrieved, so that asyncio does not log it."""
    if not future.cancelled():
        future.exception()
