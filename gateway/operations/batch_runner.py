"""Runs a batch: starts its lines as operations, and waits for each to end."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar

import structlog

from gateway.clock import Clock
from gateway.operations.executor import OperationExecutor
from gateway.operations.model.batch import BatchRecord, line_id
from gateway.operations.reader import OperationReader
from gateway.operations.running_batch import RunningBatch, RunningBatches
from gateway.operations.store.base import BatchCancelled, StoreUnavailable
from gateway.operations.store_session import StoreSession
from resolvers.ports.errors import OperationsUnavailable
from schema.operation import OperationState

LOG: Final = structlog.get_logger("gateway.operations")

# Customers of one batch in progress at once. Far more than lines that run at once, so that other
# customers continue while the vendor throttles many; few enough to fit in memory.
_MAX_CUSTOMERS: Final = 512
# Recording hundreds of lines at once would keep single mutations from the store.
_MAX_RECORDING: Final = 4
_RETRY_S: Final = 1.0

T = TypeVar("T")


class BatchRunner:
    """Runs customers concurrently, and the lines of one customer in their order."""

    def __init__(
        self,
        session: StoreSession,
        executor: OperationExecutor,
        reader: OperationReader,
        running: RunningBatches,
        clock: Clock,
    ) -> None:
        self._session = session
        self._executor = executor
        self._reader = reader
        self._running = running
        self._clock = clock
        self._recording = asyncio.Semaphore(_MAX_RECORDING)

    async def run(self, batch: RunningBatch) -> None:
        """Return when every line has ended."""
        recorded = await self._retry(lambda: self._session.store.read_line_states(batch.record.id))
        for number, state in recorded.items():
            if state is not None:
                batch.set_state(number, state, batch.record.created_at)
        batch.is_loaded = True
        customers = iter(_lines_by_customer(batch.record))
        async with asyncio.TaskGroup() as group:
            for _ in range(_MAX_CUSTOMERS):
                group.create_task(self._run_customers(batch, customers, frozenset(recorded)))

    async def _run_customers(
        self, batch: RunningBatch, customers: Iterator[Sequence[int]], recorded: frozenset[int]
    ) -> None:
        for numbers in customers:
            for number in numbers:
                if not batch.has_ended(number):
                    await self._run_line(batch, number, is_recorded=number in recorded)

    async def _run_line(self, batch: RunningBatch, number: int, *, is_recorded: bool) -> None:
        if is_recorded or await self._start_line(batch, number):
            await self._retry(lambda: self._wait_for_line(batch, number))
        else:
            batch.set_state(number, OperationState.CANCELLED, self._clock.wall())

    async def _start_line(self, batch: RunningBatch, number: int) -> bool:
        """Record and execute a line; returns False if the batch was cancelled before."""
        if await self._retry(lambda: self._running.is_cancelled(batch.record.id)):
            return False
        try:
            await self._retry(lambda: self._record_line(batch, number))
        except BatchCancelled:  # by another process, a moment ago
            batch.cancellation_read_at = -math.inf
            return False
        return True

    async def _record_line(self, batch: RunningBatch, number: int) -> None:
        async with self._recording:
            record = batch.record.line(number, self._clock.wall())
            await self._executor.record_and_execute(record)

    async def _wait_for_line(self, batch: RunningBatch, number: int) -> None:
        operation_id = line_id(batch.record.id, number)
        snapshot = await self._reader.wait_ended(operation_id)
        if snapshot is None:
            raise LookupError(f"line {operation_id} was recorded but cannot be found")
        batch.set_state(number, snapshot.state, snapshot.updated_at)

    async def _retry(self, act: Callable[[], Awaitable[T]]) -> T:
        """Repeat until it succeeds: a batch may not end before its lines."""
        while True:
            try:
                return await act()
            except BatchCancelled:
                raise
            except (OperationsUnavailable, StoreUnavailable):
                pass  # logged by StoreHealth
            except Exception as fault:
                LOG.error("a line of a batch failed and is retried", exc_info=fault)
            await self._clock.sleep(_RETRY_S)


def _lines_by_customer(record: BatchRecord) -> list[Sequence[int]]:
    """Group the numbers of the lines by customer, in the order of the lines."""
    numbers: dict[str, list[int]] = {}
    for number in range(1, len(record.lines) + 1):
        customer_id = record.order(number).customer_id.lower()
        numbers.setdefault(customer_id, []).append(number)
    return list(numbers.values())
