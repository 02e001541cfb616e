"""Durable writes, one at a time."""

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from resolvers.orders import Order
from schema.keys import SubscriptionKey
from schema.operation import OperationState, UpgradeOperation

# When an operation was created, in microseconds since the epoch, and its id: no two are the same.
Position = tuple[int, str]


class NotInDoubt(Exception):
    """The operation has an end that is known, or none yet; the text says which."""


@dataclass(frozen=True, slots=True)
class OperationsKey:
    """A page of operations: up to `first` of them that fit, newest first.

    Attributes:
        behind: the position it continues behind; None from the newest.
        states: those wanted; empty for all.
    """

    first: int
    after: Position | None = None
    states: Collection[OperationState] = ()
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """Operations with the position of each, and whether more may follow."""

    operations: Sequence[UpgradeOperation]
    positions: Sequence[Position]
    has_next: bool


class Operations(Protocol):
    """Durable writes in the name of one principal, who sees no other's."""

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        """Record an order, unless this key stands for it already, and return its operation.

        It is carried out whatever becomes of the request that submitted it.

        Raises:
            KeyReused: the key stands for another order.
            OrderForbidden: the operator does not allow it; nothing was recorded.
            OperationsUnavailable: it cannot be recorded; nothing was or will be sent.
        """
        ...

    async def wait_for_outcome(self, operation_id: str, timeout_s: float) -> UpgradeOperation:
        """Return an operation when it has ended, or as it stands when the time is up."""
        ...

    async def find(self, operation_id: str) -> UpgradeOperation | None:
        """Find an operation; None for another principal's."""
        ...

    async def find_by_key(
        self, idempotency_key: str, principal: str | None = None
    ) -> UpgradeOperation | None:
        """Find the operation of a key, of another principal where this one may see that."""
        ...

    def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        """Yield an operation as it stands and after changes, several at once; its end is the last.

        Yields nothing for another principal's.
        """
        ...

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        """Give an operation in doubt its end; None for another principal's.

        Raises:
            NotInDoubt: it is not in doubt, or was settled otherwise.
            OperationsUnavailable: it cannot be recorded.
        """
        ...

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        """Read a page of operations."""
        ...

    async def list_for_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        """Read the operations on a subscription, newest first."""
        ...
