"""Recorded operations."""

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from resolvers.orders import Order
from schema.keys import SubscriptionKey
from schema.operation import OperationState, UpgradeOperation
from schema.operation_kind import OperationKind

# Creation time in microseconds since the epoch, and the id. Unique.
Position = tuple[int, str]


class NotInDoubt(Exception):
    """The operation cannot be settled: it is not in doubt, or was settled with another outcome.

    The text is for users.
    """


@dataclass(frozen=True, slots=True)
class OperationsKey:
    """A page of operations: up to `first` matching ones, newest first.

    Attributes:
        after: the position before the page; None to start from the newest.
        states: the states of the operations to return; empty for all.
        kinds: the kinds of the operations to return; empty for all.
        principal: the owner of the operations; None for all that the caller may read.
        created_from: the earliest time at which they were recorded.
        created_before: the time before which they were recorded.
    """

    first: int
    after: Position | None = None
    states: Collection[OperationState] = ()
    customer_id: str | None = None
    kinds: Collection[OperationKind] = ()
    principal: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """A page of operations. Each has the position after which the next page may begin."""

    operations: Sequence[UpgradeOperation]
    positions: Sequence[Position]
    has_next: bool


class Operations(Protocol):
    """The operations that one principal may read and submit."""

    async def submit(self, order: Order, idempotency_key: str) -> UpgradeOperation:
        """Record an order; if the key has an operation already, return that one.

        The order is executed even after the request has ended.

        Raises:
            KeyReused: the key belongs to another order.
            OrderForbidden: the operator does not allow the order; nothing is recorded.
            OperationsUnavailable: the store cannot record the order; nothing is sent.
        """
        ...

    async def wait_for_outcome(self, operation_id: str, timeout_s: float) -> UpgradeOperation:
        """Wait until an operation has ended, but at most `timeout_s`, and return it."""
        ...

    async def find(self, operation_id: str) -> UpgradeOperation | None:
        """Return an operation; None if there is none that the principal may read."""
        ...

    async def find_by_key(
        self, idempotency_key: str, principal: str | None = None
    ) -> UpgradeOperation | None:
        """Return the operation with this key; of another principal only if this one may read it."""
        ...

    def watch(self, operation_id: str) -> AsyncGenerator[UpgradeOperation, None]:
        """Yield an operation now and after changes, until it ends; quick changes are combined.

        Yields nothing if it belongs to another principal.
        """
        ...

    async def settle(
        self, operation_id: str, *, is_done: bool, note: str
    ) -> UpgradeOperation | None:
        """Record the outcome of an operation in doubt; None if it belongs to another principal.

        Raises:
            NotInDoubt: the operation is not in doubt, or was settled with another outcome.
            OperationsUnavailable: the store cannot record the settlement.
        """
        ...

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        """Return a page.

        Raises Forbidden if the principal may not read the requested operations.
        """
        ...

    async def list_for_subscription(self, key: SubscriptionKey) -> Sequence[UpgradeOperation]:
        """Return the operations that change a subscription, newest first."""
        ...
