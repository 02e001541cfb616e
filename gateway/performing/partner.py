"""Chooses by an operation's kind how it meets the vendor."""

from typing import Protocol

from gateway.operations.entries import Checked, Facts, Followed, Looked, Sent
from gateway.operations.record import Record
from gateway.performing.acts import Acts
from gateway.performing.product_upgrades import PartnerProductUpgrades
from gateway.performing.transitions import PartnerTransitions
from gateway.performing.upgrades import PartnerUpgrades
from gateway.upstream.commands import read_upgrade_result
from schema.operation import OperationKind
from schema.upgrade import UpgradeResult


class Kind(Protocol):
    """What all kinds have in common."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Find out whether the order can be sent."""
        ...

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        """Send the order once."""
        ...

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Find out whether the order has been done."""
        ...


class PartnerByKind:
    """Implements `gateway.operations.partner.Partner` over the client."""

    def __init__(self, acts: Acts) -> None:
        means = (acts.begin, acts.directory, acts.commands, acts.clock)
        self._product_upgrades = PartnerProductUpgrades(*means)
        self._transitions = PartnerTransitions(*means)
        self._kinds: dict[OperationKind, Kind] = {
            OperationKind.UPGRADE_SUBSCRIPTION: PartnerUpgrades(*means),
            OperationKind.REQUEST_PRODUCT_UPGRADE: self._product_upgrades,
            OperationKind.TRANSITION_SUBSCRIPTION: self._transitions,
        }

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Find out whether the order can be sent."""
        return await self._kinds[record.kind].check(record, correlation_id)

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        """Send the order once."""
        return await self._kinds[record.kind].send(record, facts, correlation_id)

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Find out whether the order has been done."""
        return await self._kinds[record.kind].look(record, facts)

    async def follow(self, record: Record, reference: str) -> Followed:
        """Find out how far it is."""
        if record.kind is OperationKind.REQUEST_PRODUCT_UPGRADE:
            return await self._product_upgrades.follow(record, reference)
        return await self._transitions.follow(record, reference)

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        """Read a recorded answer."""
        return read_upgrade_result(body.encode(), customer_id)
