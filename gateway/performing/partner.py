"""Chooses by an operation's kind how it meets the vendor."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

from msgspec.structs import replace

from gateway.operations.calls import OperationCalls
from gateway.operations.entries import Checked, Facts, Followed, Looked, Trouble
from gateway.operations.partner import Slot
from gateway.operations.record import Record
from gateway.performing.acts import Acts
from gateway.performing.product_upgrades import PartnerProductUpgrades
from gateway.performing.transitions import PartnerTransitions
from gateway.performing.upgrades import PartnerUpgrades
from gateway.upstream.models.upgrade_result import decode_upgrade_result
from gateway.upstream.scope import CallBudget, RequestScope
from schema.operation import OperationKind
from schema.upgrade import UpgradeResult


class Kind(Protocol):
    """What all kinds have in common."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Find out whether the order can be sent."""
        ...

    async def acquire_slot(
        self, record: Record, facts: Facts, correlation_id: str
    ) -> Slot | Trouble:
        """Wait until the order could leave at once."""
        ...

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Find out whether the order has been done."""
        ...


_KINDS: Final[Mapping[OperationKind, Callable[..., Kind]]] = {
    OperationKind.UPGRADE_SUBSCRIPTION: PartnerUpgrades,
    OperationKind.REQUEST_PRODUCT_UPGRADE: PartnerProductUpgrades,
    OperationKind.TRANSITION_SUBSCRIPTION: PartnerTransitions,
}


class PartnerByKind:
    """Implements `gateway.operations.partner.Partner` over the client.

    Args:
        acts: the means of all kinds.
        calls: is told of each upstream call of an operation.
    """

    def __init__(self, acts: Acts, calls: OperationCalls) -> None:
        self._acts = acts
        self._calls = calls

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Find out whether the order can be sent."""
        return await self._kind(record).check(record, correlation_id)

    async def acquire_slot(
        self, record: Record, facts: Facts, correlation_id: str
    ) -> Slot | Trouble:
        """Wait until the order could leave at once."""
        return await self._kind(record).acquire_slot(record, facts, correlation_id)

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Find out whether the order has been done."""
        return await self._kind(record).look(record, facts)

    async def follow(self, record: Record, reference: str) -> Followed:
        """Find out how far it is."""
        kind = self._kind(record)
        if not isinstance(kind, PartnerProductUpgrades | PartnerTransitions):
            raise TypeError(f"{record.kind.name} is not followed")
        return await kind.follow(record, reference)

    def _kind(self, record: Record) -> Kind:
        """Choose the kind of an operation, which counts the calls that it makes."""
        acts = self._acts
        begin = partial(self._begin, record)
        return _KINDS[record.kind](begin, acts.directory, acts.commands, acts.clock)

    def _begin(
        self, record: Record, principal: str, correlation_id: str | None
    ) -> RequestScope | None:
        scope = self._acts.begin(principal, correlation_id)
        if scope is None:
            return None
        count = partial(self._calls.count, record)
        return replace(scope, budget=CallBudget(scope.budget.max_calls, count))

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        """Read a recorded answer."""
        return decode_upgrade_result(body.encode(), customer_id)
