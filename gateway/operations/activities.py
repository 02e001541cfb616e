"""What operations need of the world, as Protocols; they know no HTTP."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
    SendResult,
)
from schema.upgrade import UpgradeResult

S = TypeVar("S", bound=StoredStruct)


class Clock(Protocol):
    """The time, and waiting for it."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...

    def wall(self) -> float:
        """Return seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SendSlot(Protocol):
    """A place among the calls to the vendor, and all else that one order takes to leave at once.

    Others may wait for it: between acquiring and sending there is time to announce the attempt.
    """

    async def send(self) -> SendResult:
        """Send the order once, under the record's request id, and release the slot.

        One that was held for too long is released already, and nothing is sent.
        """
        ...

    def release(self) -> None:
        """Let others have it; repeating it is safe."""
        ...


class OperationActivities(Protocol):
    """The vendor, as one operation at a time meets it; nothing raises for a refusal."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Find out whether the order can be sent; without announcement when it can."""
        ...

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the order could leave at once; nothing of it leaves before `Slot.send`."""
        ...

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Find out whether the order has been done."""
        ...

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        """Find out how far what was accepted is."""
        ...

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        """Read a recorded answer."""
        ...


class Journal(Protocol):
    """Where the ends of steps are written down."""

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        """Do a step and record its end; or return the recorded end of an earlier run.

        A step that was interrupted before its end was recorded is done again.
        """
        ...
