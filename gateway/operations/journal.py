"""The steps of an operation: performed once, stored, and replayed when it is resumed."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.operations.model.record import StoredStruct
from gateway.operations.running_operation import RunningOperation

S = TypeVar("S", bound=StoredStruct)
Append = Callable[[RunningOperation, str, StoredStruct], Awaitable[None]]


class StoredJournal:
    """Implements `gateway.operations.activities.Journal` for one execution of an operation.

    Args:
        append: stores the end of a step, however long that takes; raises OwnershipLost.
    """

    def __init__(self, running: RunningOperation, append: Append) -> None:
        self._running = running
        self._append = append
        self._position = 0

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        """Perform a step and store its end, or return the end that is stored.

        Raises TypeError when another step is stored in its place: the code has changed.
        """
        position = self._position
        self._position += 1
        if position < len(self._running.steps):
            stored = self._running.steps[position]
            if not isinstance(stored, kind):
                raise TypeError(f"step {position} is stored as {type(stored).__name__}, not {name}")
            return stored
        if name != "wait":
            # A call from here on may come too late for this step's token: the next wait passes.
            self._running.caller_returned.clear()
        end = await act()
        await self._append(self._running, name, end)
        return end
