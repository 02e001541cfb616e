"""The ports of operations: the families of upgrades, the clock and the journal."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypedDict, TypeVar

from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
    SendResult,
)
from schema.order import OperationOrder
from schema.product_upgrade import ProductUpgradesStatus
from schema.scheduled_change import ScheduledChange
from schema.transition import Transition
from schema.upgrade import UpgradeResult

S = TypeVar("S", bound=StoredStruct)


class SendSlot(Protocol):
    """The right to send one order now. The number of slots is limited.

    It is held while the store records that an attempt will be made.
    """

    async def send(self) -> SendResult:
        """Send the order once, under the operation's request id, and release the slot.

        If the slot was held for too long, it was taken away, and nothing is sent.
        """
        ...

    def release(self) -> None:
        """Release the slot. Idempotent, and safe after `send`."""
        ...


class ResultFields(TypedDict, total=False):
    """The one field of UpgradeOperation in which the graph shows a family's result."""

    result: UpgradeResult
    product_upgrade: ProductUpgradesStatus
    transition: Transition
    scheduled_change: ScheduledChange


class UpgradeFamily(Protocol):
    """Makes the calls for one family of upgrades, and shows its operations in the graph.

    The methods do not raise errors of the vendor; the results that they return contain them.
    """

    @property
    def polls(self) -> bool:
        """Whether an accepted order is polled until it ends."""
        ...

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Determine whether the order can be sent. The result has no `intent` yet."""
        ...

    async def acquire_slot(
        self, record: OperationRecord, baseline: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the order can be sent, and return the right to send it.

        Returns a blocker if it cannot be sent at the moment. Sends nothing itself.
        """
        ...

    async def reconcile(self, record: OperationRecord, baseline: Baseline) -> ReconcileResult:
        """Find out from the vendor's state whether an order without a response took effect."""
        ...

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        """Read the progress of an accepted order. Called only if the family polls."""
        ...

    def order_to_graphql(self, record: OperationRecord, quantity: int | None) -> OperationOrder:
        """Convert the order for the graph, with `quantity` if the order itself has none."""
        ...

    def result_to_graphql(self, record: OperationRecord, body: str) -> ResultFields:
        """Decode the stored body of an outcome or a poll for the graph."""
        ...


class UpgradeFamilies(Protocol):
    """Maps the kind of an order to its family."""

    def __getitem__(self, kind: str, /) -> UpgradeFamily: ...


class Journal(Protocol):
    """Stores the result of each step of an operation, so that a restart repeats no step."""

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        """Run a step and store its result, or return the result that an earlier run stored.

        A step that was interrupted before its result was stored runs again.
        """
        ...
