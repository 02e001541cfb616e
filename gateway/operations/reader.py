"""Where operations stand: from memory while they are executed here, else from the store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from gateway.operations.running_operation import RunningOperation
from gateway.operations.snapshot import OperationSnapshot, replay, with_settlement
from gateway.operations.store.base import (
    OperationFilter,
    OperationStore,
    StoredOperation,
    StoreUnavailable,
)
from gateway.operations.store.health import StoreHealth, StoreTimeouts
from schema.operation import OperationState


class OperationReader:
    """Reads operations; raises OperationsUnavailable where the store cannot be read.

    Args:
        running: finds an operation that is executed here, for certain.
        unbegun: finds a line of a batch that has no operation yet.
    """

    def __init__(
        self,
        store: OperationStore,
        health: StoreHealth,
        running: Callable[[str], RunningOperation | None],
        unbegun: Callable[[str], Awaitable[OperationSnapshot | None]],
        timeouts: StoreTimeouts,
    ) -> None:
        self._store = store
        self._health = health
        self.running = running
        self._unbegun = unbegun
        self._within_s = timeouts.read_s

    async def get(self, operation_id: str) -> OperationSnapshot | None:
        """Tell where an operation stands; None when there is none."""
        running = self.running(operation_id)
        if running is not None and not running.is_ending:
            return running.snapshot
        async with self.guard():
            stored = await self._store.get(operation_id)
            return (
                await self._unbegun(operation_id) if stored is None else self._to_snapshot(stored)
            )

    async def get_many(self, operation_ids: Sequence[str]) -> list[OperationSnapshot]:
        """Tell where operations stand that are known, in the order asked."""
        found = [await self.get(operation_id) for operation_id in operation_ids]
        return [each for each in found if each is not None]

    async def find(self, wanted: OperationFilter) -> list[OperationSnapshot]:
        """Tell where operations stand, newest first."""
        async with self.guard():
            return [self._to_snapshot(stored) for stored in await self._store.find(wanted)]

    @contextlib.asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Do not wait long for a store that cannot be read."""
        await self._health.require_open()
        try:
            async with asyncio.timeout(self._within_s):
                yield
        except TimeoutError:
            late = f"the database has not answered within {self._within_s:g} s"
            raise self._health.unreadable(late) from None
        except StoreUnavailable as error:
            raise self._health.unreadable(str(error)) from error

    def _to_snapshot(self, stored: StoredOperation) -> OperationSnapshot:
        running = self.running(stored.record.id)
        if running is not None and stored.ended is None:
            return running.snapshot
        found = replay(stored.record, stored.steps, stored.ended)
        is_in_doubt = found.state is OperationState.IN_DOUBT
        return (
            with_settlement(found, stored.settlement)
            if stored.settlement and is_in_doubt
            else found
        )
