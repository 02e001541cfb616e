"""Send slots of fake vendors, which are always available."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from gateway.operations.activities import SendSlot
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import Baseline, Blocker, SendResult
from tests.support.families import FakeFamilies


@dataclass
class FreeSlot:
    """Implements `gateway.operations.activities.SendSlot`."""

    on_send: Callable[[], Awaitable[SendResult]]

    async def send(self) -> SendResult:
        return await self.on_send()

    def release(self) -> None:
        """Do nothing."""


class FreeSlots(FakeFamilies, ABC):
    """Gives a slot to every order at once. Subclasses implement `send`."""

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        return FreeSlot(partial(self.send, record, facts, correlation_id))

    @abstractmethod
    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult: ...
