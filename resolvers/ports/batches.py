"""Durable writes, many at once."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.orders import UpgradeOrder
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch
from schema.keys import BatchLinesKey


class BatchAlreadyEnded(Exception):
    """Every line of the batch has ended, so that nothing is left to cancel."""


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """Batches with the position of each, and whether more follow."""

    batches: Sequence[UpgradeBatch]
    positions: Sequence[Position]
    has_next: bool


class Batches(Protocol):
    """Many durable writes at once in the name of one principal, who sees no other's."""

    async def submit(self, orders: Sequence[UpgradeOrder], idempotency_key: str) -> UpgradeBatch:
        """Record orders as one batch, unless this key stands for it already.

        All of them are recorded or none is; they are carried out whatever becomes of the request.

        Raises:
            KeyReused: the key stands for another batch, or for an operation.
            OperationsUnavailable: it cannot be recorded; nothing was or will be sent.
        """
        ...

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        """Return a batch when every line has ended, or as it stands when the time is up."""
        ...

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        """Find a batch; None for another principal's."""
        ...

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        """Find the batch of a key, of another principal where this one may see that."""
        ...

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        """Read a page of batches, newest first, behind a position or from the newest."""
        ...

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Read a page of lines. Raises LookupError for another principal's batch."""
        ...

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        """Send nothing more of a batch; None for another principal's.

        Raises:
            BatchEnded: it has ended, and was not cancelled before.
            OperationsUnavailable: it cannot be recorded.
        """
        ...

    def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        """Yield a batch as it stands and after changes, several at once; its end is the last.

        Yields nothing for another principal's.
        """
        ...
