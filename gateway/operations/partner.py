"""What operations need of the world, as Protocols; they know no HTTP."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from gateway.operations.entries import Checked, Facts, Followed, Looked, Sent
from gateway.operations.record import Record, Stored
from schema.upgrade import UpgradeResult

S = TypeVar("S", bound=Stored)


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


class Partner(Protocol):
    """The vendor, as one operation at a time meets it; nothing raises for a refusal."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Find out whether the order can be sent; without announcement when it can."""
        ...

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        """Send the order once, under the record's request id."""
        ...

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Find out whether the order has been done."""
        ...

    async def follow(self, record: Record, reference: str) -> Followed:
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
