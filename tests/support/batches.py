"""A port of batches that is always empty."""

from collections.abc import AsyncGenerator, Sequence

from resolvers.orders import Order
from resolvers.ports.batches import BatchesPage
from resolvers.ports.errors import OperationsUnavailable
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch
from schema.keys import BatchLinesKey


class EmptyBatches:
    """Implements `resolvers.ports.batches.Batches`."""

    async def submit(self, orders: Sequence[Order], idempotency_key: str) -> UpgradeBatch:
        raise OperationsUnavailable("this test keeps no batches")

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        raise LookupError(batch_id)

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        return None

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        return None

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        return BatchesPage([], [], has_next=False)

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        raise LookupError(key.batch_id)

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        return None

    async def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        if (found := await self.find(batch_id)) is not None:
            yield found
