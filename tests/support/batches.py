"""Batches of somebody who has none."""

from collections.abc import AsyncGenerator, Sequence

from resolvers.orders import UpgradeOrder
from resolvers.ports.batches import BatchesPage
from resolvers.ports.operations import Position
from resolvers.ports.refusals import OperationsUnavailable
from schema.batch import BatchLinesPage, UpgradeBatch
from schema.keys import BatchLinesKey


class NoBatches:
    """Fits `resolvers.ports.batches.Batches`; records nothing."""

    async def submit(self, orders: Sequence[UpgradeOrder], idempotency_key: str) -> UpgradeBatch:
        raise OperationsUnavailable("this test keeps no batches")

    async def outcome(self, batch_id: str, within_s: float) -> UpgradeBatch:
        raise LookupError(batch_id)

    async def batch(self, batch_id: str) -> UpgradeBatch | None:
        return None

    async def by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        return None

    async def page(self, first: int, behind: Position | None) -> BatchesPage:
        return BatchesPage([], [], has_next=False)

    async def lines(self, key: BatchLinesKey) -> BatchLinesPage:
        raise LookupError(key.batch_id)

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        return None

    async def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        if (found := await self.batch(batch_id)) is not None:
            yield found
