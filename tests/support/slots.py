"""Slots of pretended vendors, whose calls are few."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from gateway.operations.entries import Facts, Sent, Trouble
from gateway.operations.partner import Slot
from gateway.operations.record import Record


@dataclass
class FreeSlot:
    """Implements `gateway.operations.partner.Slot`; nobody waits for it."""

    sending: Callable[[], Awaitable[Sent]]

    async def send(self) -> Sent:
        return await self.sending()

    def release(self) -> None:
        """Nothing."""


class FreeSlots:
    """Has a slot for every order at once; what becomes of it then is up to `send`."""

    async def acquire_slot(
        self, record: Record, facts: Facts, correlation_id: str
    ) -> Slot | Trouble:
        return FreeSlot(partial(self.send, record, facts, correlation_id))

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        raise NotImplementedError
