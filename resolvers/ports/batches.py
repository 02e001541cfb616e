"""Recorded batches."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.orders import Order
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch
from schema.keys import BatchLinesKey


class BatchAlreadyEnded(Exception):
    """There is nothing to cancel, because every line of the batch has ended."""


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """A page of batches. Each has the position after which the next page may begin."""

    batches: Sequence[UpgradeBatch]
    positions: Sequence[Position]
    has_next: bool


class Batches(Protocol):
    """The batches that one principal may read and submit."""

    async def submit(self, orders: Sequence[Order], idempotency_key: str) -> UpgradeBatch:
        """Record orders as one batch; if the key has a batch already, return that one.

        All orders are recorded, or none. They are executed even after the request has ended.

        Raises:
            KeyReused: the key belongs to another batch or operation.
            OperationsUnavailable: the store cannot record the batch; nothing is sent.
        """
        ...

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        """Wait until every line has ended, but at most `timeout_s`, and return the batch."""
        ...

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        """Return a batch; None if there is none that the principal may read."""
        ...

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        """Return the batch with this key; of another principal only if this one may read it."""
        ...

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        """Return a page of batches, newest first; without a position, the first page."""
        ...

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Return a page of lines. Raises LookupError if the batch belongs to another principal."""
        ...

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        """Cancel the lines that have not started; None if the batch belongs to another principal.

        Raises:
            BatchAlreadyEnded: every line has ended, and the batch was not cancelled before.
            OperationsUnavailable: the store cannot record the cancellation.
        """
        ...

    def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        """Yield a batch now and after changes, until it ends; quick changes are combined.

        Yields nothing if it belongs to another principal.
        """
        ...
