"""Runs a batch: starts its lines as operations, and waits for each to end."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
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

# Customers of one batch in progress at once, except those whose line the vendor executes. Far more
# than lines that run at once, so that other customers continue while the vendor throttles many;
# few enough to fit in memory.
_MAX_CUSTOMERS: Final = 512
# Recording hundreds of lines at once would keep single mutations from the store.
_MAX_RECORDING: Final = 4
_RETRY_S: Final = 1.0

T = TypeVar("T")


class BatchRunner:
    """Executes the lines of a batch.

    Lines of one customer run one after the other, lines of different customers concurrently.
    """

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
        """Execute the lines, and return when each has ended."""
        recorded = await self._retry(lambda: self._session.store.read_line_states(batch.record.id))
        for number, state in recorded.items():
            if state is not None:
                batch.set_state(number, state, batch.record.created_at)
        batch.is_loaded = True
        places = asyncio.Semaphore(_MAX_CUSTOMERS)
        async with asyncio.TaskGroup() as group:
            for numbers in _lines_by_customer(batch.record):
                await places.acquire()
                customer = self._run_customer(batch, numbers, frozenset(recorded), places)
                group.create_task(customer)

    async def _run_customer(
        self,
        batch: RunningBatch,
        numbers: Sequence[int],
        recorded: frozenset[int],
        places: asyncio.Semaphore,
    ) -> None:
        with contextlib.ExitStack() as place:
            place.callback(places.release)
            for number in numbers:
                if batch.has_ended(number):
                    continue
                if number in recorded or await self._start_line(batch, number):
                    await self._leave_if_polled(batch, number, place)
                    await self._retry(partial(self._wait_for_line, batch, number))
                else:
                    batch.set_state(number, OperationState.CANCELLED, self._clock.wall())

    async def _leave_if_polled(
        self, batch: RunningBatch, number: int, place: contextlib.ExitStack
    ) -> None:
        """Let another customer begin while the vendor executes a line, perhaps for hours."""
        running = self._reader.find_running(line_id(batch.record.id, number))
        if running is not None:
            await running.wait_polled()
            if running.is_polled:
                place.close()

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
