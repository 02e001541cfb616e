"""Limits how many lines of batches run at the same time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from gateway.operations.model.record import OperationRecord


class BatchSlots:
    """Limits the lines of batches that run at once, to some in total and one for each customer.

    The vendor throttles by customer. While one line of a customer runs, a new subscription of that
    customer cannot come from another line. A line that waits releases its slot but keeps the
    customer's lock.

    Args:
        slots: how many lines may run at the same time.
    """

    def __init__(self, slots: int) -> None:
        self._slots = asyncio.Semaphore(slots)
        # A lock lives as long as a line holds it or waits for it.
        self._customers: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._holders: set[str] = set()

    @contextlib.asynccontextmanager
    async def slot(self, record: OperationRecord) -> AsyncIterator[None]:
        """Hold a slot and the customer's lock during the block, for a line of a batch."""
        if record.batch_id is None:
            yield
            return
        async with self._customer_lock(record):
            await self._acquire(record)
            try:
                yield
            finally:
                self._release(record)

    @contextlib.asynccontextmanager
    async def released(self, record: OperationRecord) -> AsyncIterator[None]:
        """Release the slot during the block, and acquire one again after it."""
        self._release(record)
        yield
        if record.batch_id is not None:
            await self._acquire(record)

    def _customer_lock(self, record: OperationRecord) -> asyncio.Lock:
        key = record.principal, record.order.customer_id.lower()
        return self._customers.setdefault(key, asyncio.Lock())

    async def _acquire(self, record: OperationRecord) -> None:
        await self._slots.acquire()
        self._holders.add(record.id)

    def _release(self, record: OperationRecord) -> None:
        # A line that is stopped during `released` holds no slot.
        if record.id in self._holders:
            self._holders.discard(record.id)
            self._slots.release()
