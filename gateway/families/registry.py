"""Chooses by an operation's kind how it meets the vendor."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

from msgspec.structs import replace

from gateway.families.azure_plan import AzurePlanUpgrades
from gateway.families.base import FamilyActivities
from gateway.families.license_upgrade import LicenseUpgrades
from gateway.families.transition import Transitions
from gateway.operations.activities import SendSlot
from gateway.operations.call_counter import OperationCallCounter
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
)
from gateway.upstream.models.upgrade_result import decode_upgrade_result
from gateway.upstream.scope import CallBudget, RequestScope
from schema.operation import OperationKind
from schema.upgrade import UpgradeResult


class UpgradeFamily(Protocol):
    """What all kinds have in common."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Find out whether the order can be sent."""
        ...

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the order could leave at once."""
        ...

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Find out whether the order has been done."""
        ...


_FAMILIES: Final[Mapping[OperationKind, Callable[..., UpgradeFamily]]] = {
    OperationKind.UPGRADE_SUBSCRIPTION: LicenseUpgrades,
    OperationKind.REQUEST_PRODUCT_UPGRADE: AzurePlanUpgrades,
    OperationKind.TRANSITION_SUBSCRIPTION: Transitions,
}


class FamilyRegistry:
    """Implements `gateway.operations.activities.Partner` over the client.

    Args:
        acts: the means of all kinds.
        calls: is told of each upstream call of an operation.
    """

    def __init__(self, acts: FamilyActivities, calls: OperationCallCounter) -> None:
        self._acts = acts
        self._calls = calls

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Find out whether the order can be sent."""
        return await self._family(record).check(record, correlation_id)

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the order could leave at once."""
        return await self._family(record).acquire_slot(record, facts, correlation_id)

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Find out whether the order has been done."""
        return await self._family(record).reconcile(record, facts)

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        """Find out how far it is."""
        kind = self._family(record)
        if not isinstance(kind, AzurePlanUpgrades | Transitions):
            raise TypeError(f"{record.kind.name} is not followed")
        return await kind.poll(record, reference)

    def _family(self, record: OperationRecord) -> UpgradeFamily:
        """Choose the kind of an operation, which counts the calls that it makes."""
        acts = self._acts
        begin = partial(self._begin, record)
        return _FAMILIES[record.kind](begin, acts.directory, acts.commands, acts.clock)

    def _begin(
        self, record: OperationRecord, principal: str, correlation_id: str | None
    ) -> RequestScope | None:
        scope = self._acts.open_scope(principal, correlation_id)
        if scope is None:
            return None
        count = partial(self._calls.count, record)
        return replace(scope, budget=CallBudget(scope.budget.max_calls, count))

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        """Read a recorded answer."""
        return decode_upgrade_result(body.encode(), customer_id)
