"""Runs a batch: its lines become operations one by one, and each is followed to its end."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeVar

import structlog

from gateway.operations.activities import Clock
from gateway.operations.batch.running_batch import RunningBatch
from gateway.operations.model.batch import BatchRecord, line_id
from gateway.operations.model.record import OperationRecord
from gateway.operations.snapshot import OperationSnapshot
from gateway.operations.store.base import BatchCancelled, StoreUnavailable
from resolvers.ports.errors import OperationsUnavailable
from schema.operation import OperationState

LOG: Final = structlog.get_logger("gateway.operations")

# Customers whose lines are begun at the same time: far more than work at once, so that others go
# on while the vendor makes many wait, and few enough to be held in memory.
_LANES: Final = 512
_BEGUN_AT_ONCE: Final = 4
_AGAIN_S: Final = 1.0

T = TypeVar("T")


class LineExecutor(Protocol):
    """What becomes of the lines: operations of this process."""

    async def record_and_execute(self, record: OperationRecord) -> OperationRecord:
        """Record an operation that is probably new, and run it.

        Raises BatchCancelled when it is new, and its batch was cancelled.
        """
        ...

    async def wait_ended(self, operation_id: str) -> OperationSnapshot | None:
        """Wait until an operation has ended; None when there is none."""
        ...


class BatchRunner:
    """Takes the customers of batches side by side, and the lines of each in their order.

    Args:
        line_states: reads how far the lines of a batch are that were begun before, by number.
        is_cancelled: whether nothing more of a batch is to be sent.
    """

    def __init__(
        self,
        lines: LineExecutor,
        line_states: Callable[[str], Awaitable[Mapping[int, OperationState | None]]],
        is_cancelled: Callable[[str], Awaitable[bool]],
        clock: Clock,
    ) -> None:
        self._lines = lines
        self._line_states = line_states
        self._is_cancelled = is_cancelled
        self._clock = clock
        # Hundreds of lines begun at once would keep single mutations from the store.
        self._beginning = asyncio.Semaphore(_BEGUN_AT_ONCE)

    async def run(self, live: RunningBatch) -> None:
        """Return when every line has ended."""
        begun = await self._retry(lambda: self._line_states(live.record.id))
        for number, state in begun.items():
            if state is not None:
                live.set_state(number, state, live.record.created_at)
        live.is_loaded = True
        lanes = iter(_lines_by_customer(live.record))
        async with asyncio.TaskGroup() as group:
            for _ in range(_LANES):
                group.create_task(self._run_some(live, lanes, frozenset(begun)))

    async def _run_some(
        self, live: RunningBatch, lanes: Iterator[Sequence[int]], begun: frozenset[int]
    ) -> None:
        """Take one customer after another, and the lines of each in their order."""
        for lane in lanes:
            for number in lane:
                if not live.has_ended(number):
                    await self._run_line(live, number, is_begun=number in begun)

    async def _run_line(self, live: RunningBatch, number: int, *, is_begun: bool) -> None:
        """Begin a line, unless the batch was cancelled before, and see how it ends.

        Once the store may have recorded it, it is the operation that ends as cancelled.
        """
        if not is_begun and not await self._is_begun(live, number):
            live.set_state(number, OperationState.CANCELLED, self._clock.wall())
            return
        await self._retry(lambda: self._wait_for_line(live, number))

    async def _is_begun(self, live: RunningBatch, number: int) -> bool:
        """Begin a line; False when the batch was cancelled before."""
        if await self._retry(lambda: self._is_cancelled(live.record.id)):
            return False
        try:
            await self._retry(lambda: self._begin(live, number))
        except BatchCancelled:  # in another process, a moment ago
            live.asked_at = -math.inf
            return False
        return True

    async def _begin(self, live: RunningBatch, number: int) -> None:
        async with self._beginning:
            await self._lines.record_and_execute(live.record.line(number, self._clock.wall()))

    async def _wait_for_line(self, live: RunningBatch, number: int) -> None:
        operation_id = line_id(live.record.id, number)
        found = await self._lines.wait_ended(operation_id)
        if found is None:
            raise LookupError(f"line {operation_id} is recorded and cannot be found")
        live.set_state(number, found.state, found.updated_at)

    async def _retry(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do it again until the store allows it: a batch may not end before its lines."""
        while True:
            try:
                return await act()
            except BatchCancelled:
                raise
            except (OperationsUnavailable, StoreUnavailable):
                pass  # of which the health of the store has been told
            except Exception as fault:
                LOG.error("a batch met a fault and goes on", exc_info=fault)
            await self._clock.sleep(_AGAIN_S)


def _lines_by_customer(record: BatchRecord) -> list[Sequence[int]]:
    """Sort the numbers of the lines by customer, customers in the order they come in."""
    lanes: dict[str, list[int]] = {}
    for number in range(1, len(record.lines) + 1):
        customer_id = record.order(number).customer_id.lower()
        lanes.setdefault(customer_id, []).append(number)
    return list(lanes.values())
