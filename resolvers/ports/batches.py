"""Recorded batches."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.orders import Order
from resolvers.ports.operations import Position
from schema.batch import BatchLinesPage, UpgradeBatch
from schema.keys import BatchLinesKey


class BatchAlreadyEnded(Exception):
    """Every line of the batch has ended, so there is nothing to cancel."""


@dataclass(frozen=True, slots=True)
class BatchesPage:
    """A page of batches, with the position of each."""

    batches: Sequence[UpgradeBatch]
    positions: Sequence[Position]
    has_next: bool


class Batches(Protocol):
    """The batches of one principal."""

    async def submit(self, orders: Sequence[Order], idempotency_key: str) -> UpgradeBatch:
        """Record orders as one batch, or return the batch that this key has.

        Records all of them or none. The batch continues after the request ends.

        Raises:
            KeyReused: the key belongs to another batch or operation.
            OperationsUnavailable: the store cannot record the batch; nothing is sent.
        """
        ...

    async def wait_for_outcome(self, batch_id: str, timeout_s: float) -> UpgradeBatch:
        """Return a batch when every line has ended, or its state when the time is up."""
        ...

    async def find(self, batch_id: str) -> UpgradeBatch | None:
        """Return a batch; None if it belongs to another principal."""
        ...

    async def find_by_key(self, idempotency_key: str, principal: str | None) -> UpgradeBatch | None:
        """Return the batch of a key, of another principal if this one may read it."""
        ...

    async def list_page(self, first: int, after: Position | None) -> BatchesPage:
        """Return a page of batches, newest first, after a position or from the newest."""
        ...

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        """Return a page of lines. Raises LookupError for another principal's batch."""
        ...

    async def cancel(self, batch_id: str) -> UpgradeBatch | None:
        """Cancel the lines that are not sent; None if the batch belongs to another principal.

        Raises:
            BatchAlreadyEnded: every line has ended, and the batch was not cancelled before.
            OperationsUnavailable: the store cannot record the cancellation.
        """
        ...

    def watch(self, batch_id: str) -> AsyncGenerator[UpgradeBatch, None]:
        """Yield a batch now and after changes, until it ends. Combines quick changes.

        Yields nothing for another principal's batch.
        """
        ...
