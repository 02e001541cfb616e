"""Batches for a caller who may access only some customers."""

from collections.abc import AsyncGenerator, Sequence

from msgspec.structs import replace

from resolvers.authorized.customers import check_customer, is_authorized
from resolvers.orders import Order
from resolvers.ports.batches import Batches, BatchesPage
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch, UpgradeBatchLine
from schema.keys import BatchLinesKey


class AuthorizedBatches:
    """The batches of one principal, limited to some customers.

    Lines for other customers are neither recorded nor returned. A batch itself belongs to no
    customer, so a caller who loses access to a customer still sees it.

    Args:
        customers: the ids of the customers, in lower case.
    """

    def __init__(self, batches: Batches, customers: frozenset[str]) -> None:
        self._batches = batches
        self._customers = customers

    async def submit(self, orders: Sequence[Order], idempotency_key: str) -> UpgradeBatch:
        """Record a batch. Raises Forbidden if one of its lines is for another customer."""
        for order in orders:
            check_customer(self._customers, order.customer_id)
        return await self._batches.submit(orders, idempotency_key)

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        return await self._batches.wait_for_outcome(batch_id, timeout_s)

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        return await self._batches.find(batch_id)

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        return await self._batches.find_by_key(idempotency_key, principal)

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        return await self._batches.list_page(first, after)

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Return a page of the lines that the caller may see. Reads as many pages as that takes."""
        lines: list[UpgradeBatchLine] = []
        wanted = key.first
        while True:
            page = await self._batches.list_lines(key)
            lines += [line for line in page.lines if self._is_authorized(line)]
            if len(lines) > wanted or not page.has_next or not page.lines:
                return BatchLinesPage(lines[:wanted], len(lines) > wanted)
            key = replace(key, after_number=page.lines[-1].number)

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        return await self._batches.cancel(batch_id)

    def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        return self._batches.watch(batch_id)

    def _is_authorized(self, line: UpgradeBatchLine) -> bool:
        return is_authorized(self._customers, line.operation.order.customer_id)
