"""Whose turn it is among the lines of batches; operations of their own never wait for one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from gateway.operations.model.record import OperationRecord


class BatchSlots:
    """Lines at work: so many at once in all, and one of a customer.

    A customer's lines take turns because the vendor throttles by customer, and because a new
    subscription tells whose doing it was only while one line of the customer can have made it.
    A line that waits keeps its customer and lets others work.

    Args:
        at_once: lines that may work at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        # A lock lives as long as somebody holds it or waits for it.
        self._customers: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._working: set[str] = set()

    @contextlib.asynccontextmanager
    async def slot(self, record: OperationRecord) -> AsyncIterator[None]:
        """Work when it is the line's turn."""
        if record.batch_id is None:
            yield
            return
        async with self._customer(record):
            await self._begin(record)
            try:
                yield
            finally:
                self._end(record)

    @contextlib.asynccontextmanager
    async def released(self, record: OperationRecord) -> AsyncIterator[None]:
        """Let others work meanwhile; go on when there is a place again."""
        self._end(record)
        yield
        if record.batch_id is not None:
            await self._begin(record)

    def _customer(self, record: OperationRecord) -> asyncio.Lock:
        key = record.principal, record.order.customer_id.lower()
        return self._customers.setdefault(key, asyncio.Lock())

    async def _begin(self, record: OperationRecord) -> None:
        await self._places.acquire()
        self._working.add(record.id)

    def _end(self, record: OperationRecord) -> None:
        """Give a place back, once: a line that is stopped while aside has none."""
        if record.id in self._working:
            self._working.discard(record.id)
            self._places.release()
