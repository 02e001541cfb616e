"""Follows operations from change to change, wherever they run."""

from collections.abc import AsyncGenerator, Callable
from typing import Final, Protocol

from gateway.operations.activities import Clock
from gateway.operations.running_operation import RunningOperation
from gateway.operations.shared_streams import SharedStreams
from gateway.operations.snapshot import OperationSnapshot
from schema.operation import OPEN_STATES

_FIRST_POLL_S: Final = 0.5
_MAX_POLL_S: Final = 5.0


class SnapshotSource(Protocol):
    """What is known of operations."""

    @property
    def running(self) -> Callable[[str], RunningOperation | None]:
        """Finds an operation that is executed here, for certain."""
        ...

    async def get(self, operation_id: str) -> OperationSnapshot | None:
        """Tell where an operation stands; None when there is none."""
        ...


class OperationStreams:
    """Watches of this process; many of one operation read it once for each change."""

    def __init__(self, operations: SnapshotSource, clock: Clock) -> None:
        self._operations = operations
        self._clock = clock
        self._shared: SharedStreams[str, OperationSnapshot] = SharedStreams()

    def watch(self, operation_id: str) -> AsyncGenerator[OperationSnapshot, None]:
        """Yield it as it stands and after changes, several at once; a final state is the last.

        Yields nothing when there is no such operation.
        """
        return self._shared.follow(operation_id, lambda: self._changes(operation_id))

    async def _changes(self, operation_id: str) -> AsyncGenerator[OperationSnapshot, None]:
        last: OperationSnapshot | None = None
        pause_s = _FIRST_POLL_S
        while True:
            running = self._operations.running(operation_id)
            # Taken before the operation is read, so that no change falls between.
            change = None if running is None else running.changes.next_event()
            found = await self._operations.get(operation_id)
            if found is None:
                return
            yield found
            if found.state not in OPEN_STATES:
                return
            if change is not None:
                await change.wait()
                continue
            # Another process runs it, and says so in the store alone.
            pause_s = _FIRST_POLL_S if found != last else min(pause_s * 2, _MAX_POLL_S)
            last = found
            await self._clock.sleep(pause_s)
