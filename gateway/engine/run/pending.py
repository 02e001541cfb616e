"""Values that a response waits for."""

from asyncio import Future
from collections.abc import Awaitable, Iterable
from inspect import iscoroutine
from typing import Any

from gateway.engine.types import FieldSlot, ResponsePath, ValueCompleter, path_keys


class PendingValue:
    """Stands in the response where a value will be, which keeps the order of the keys.

    Attributes:
        container: the dictionary or list it stands in, once that is made.
        future: what is being waited for: the awaitable itself, or a task that awaits it.
        is_dropped: nobody waits for it any more, since a null stands above it.
    """

    __slots__ = (
        "above",
        "awaitable",
        "complete",
        "container",
        "future",
        "is_discarded",
        "key",
        "slot",
    )

    future: "Future[Any]"

    def __init__(
        self,
        awaitable: Awaitable[Any],
        complete: ValueCompleter,
        above: ResponsePath | None,
        key: str | int,
        spot: FieldSlot,
    ) -> None:
        self.awaitable = awaitable
        self.complete = complete
        self.above = above
        self.key: Any = key
        self.slot = spot
        self.container: Any = None
        self.is_discarded = False

    @property
    def keys(self) -> tuple[str | int, ...]:
        """Where it stands, from the root down."""
        return (*path_keys(self.above), self.key)

    def find_container(self, containers: Iterable[Any]) -> Any:
        """Return which of some values is the object or list it was made for; None: none of them."""
        for container in containers:
            try:
                if container[self.key] is self:
                    return container
            except (LookupError, TypeError):  # another kind of container, or none
                continue
        return None


def discard(awaitable: Awaitable[Any]) -> None:
    """Give up something that was never awaited, so that nothing complains of it.

    A future may have other waiters: it is left alone, and its error is looked at for it.
    """
    if iscoroutine(awaitable):
        awaitable.close()
    elif isinstance(awaitable, Future):
        awaitable.add_done_callback(retrieve_exception)


def retrieve_exception(future: "Future[Any]") -> None:
    """Take note of how a future ended, which asyncio would otherwise complain of."""
    if not future.cancelled():
        future.exception()
