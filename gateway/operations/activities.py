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
    """The right to send one order now.

    Others may wait for it. It is held while the attempt is announced.
    """

    async def send(self) -> SendResult:
        """Send the order once, under the record's request id, and release the slot.

        Sends nothing if the slot was held for too long and has been released.
        """
        ...

    def release(self) -> None:
        """Release the slot. Idempotent, and safe after `send`."""
        ...


class ResultFields(TypedDict, total=False):
    """The field of UpgradeOperation that shows a family's result."""

    result: UpgradeResult
    product_upgrade: ProductUpgradesStatus
    transition: Transition
    scheduled_change: ScheduledChange


class UpgradeFamily(Protocol):
    """A family of upgrades: the calls that it makes, and how its operations are shown.

    Errors of the vendor do not raise. The results of the steps contain them.
    """

    @property
    def polls(self) -> bool:
        """Whether an accepted order is polled until it ends."""
        ...

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Determine whether the order can be sent. The result has no intent."""
        ...

    async def acquire_slot(
        self, record: OperationRecord, baseline: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the order can be sent. Sends nothing itself."""
        ...

    async def reconcile(self, record: OperationRecord, baseline: Baseline) -> ReconcileResult:
        """Determine whether an order took effect whose responses were lost."""
        ...

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        """Read the progress of an accepted order. Called only if the family polls."""
        ...

    def order_to_graphql(self, record: OperationRecord, quantity: int | None) -> OperationOrder:
        """Show the order. `quantity` is what is bought if the order itself has none."""
        ...

    def result_to_graphql(self, record: OperationRecord, body: str) -> ResultFields:
        """Decode the body of an outcome or of the last poll."""
        ...


class UpgradeFamilies(Protocol):
    """Maps the kind of an order to its family, as a dict does."""

    def __getitem__(self, kind: str, /) -> UpgradeFamily: ...


class Journal(Protocol):
    """Stores the result of each step."""

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        """Run a step and store its result, or return the result that an earlier run stored.

        A step that was interrupted before its result was stored runs again.
        """
        ...
