"""Streams of the snapshots of operations, whichever process executes them."""

from collections.abc import AsyncGenerator
from typing import Final, Protocol

from gateway.clock import Clock
from gateway.operations.running_operation import RunningOperation
from gateway.operations.shared_streams import SharedStreams
from gateway.operations.snapshot import OperationSnapshot
from schema.operation import OPEN_STATES

_REMOTE_POLL_S: Final = 0.5


class SnapshotSource(Protocol):
    """Reads and waits for operations; see `OperationReader`."""

    def find_running(self, operation_id: str) -> RunningOperation | None: ...

    async def get(self, operation_id: str) -> OperationSnapshot | None: ...


class OperationStreams:
    """Streams of operations. Subscribers to the same operation share its reads."""

    def __init__(self, operations: SnapshotSource, clock: Clock) -> None:
        self._operations = operations
        self._clock = clock
        self._shared: SharedStreams[str, OperationSnapshot] = SharedStreams()

    def watch(self, operation_id: str) -> AsyncGenerator[OperationSnapshot, None]:
        """Yield an operation now and after changes; quick changes are combined.

        The last state is the final one. Yields nothing if there is no such operation.
        """
        return self._shared.follow(operation_id, lambda: self._changes(operation_id))

    async def _changes(self, operation_id: str) -> AsyncGenerator[OperationSnapshot, None]:
        while True:
            running = self._operations.find_running(operation_id)
            # The event is taken before the operation is read, so that no change is missed.
            change = None if running is None else running.changes.next_event()
            snapshot = await self._operations.get(operation_id)
            if snapshot is None:
                return
            yield snapshot
            if snapshot.state not in OPEN_STATES:
                return
            if change is not None:
                await change.wait()
                continue
            # Another process executes it: changes can only be seen in the store.
            await self._clock.sleep(_REMOTE_POLL_S)
