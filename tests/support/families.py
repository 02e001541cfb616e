"""Families of upgrades without an upstream."""

from typing import Any, Protocol, cast

from gateway.families.registry import build_families
from gateway.operations.activities import ResultFields, SendSlot, UpgradeFamily
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
)
from schema.order import OperationOrder

_REAL = build_families(cast("Any", None))


class FakeActivities(Protocol):
    """The steps of operations of any kind, as a fake performs them."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult: ...

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker: ...

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult: ...

    async def poll(self, record: OperationRecord, reference: str) -> PollResult: ...


class FakeFamily:
    """Performs the steps with a fake, and shows operations as the real family does."""

    def __init__(self, fake: FakeActivities, real: UpgradeFamily) -> None:
        self._fake = fake
        self._real = real

    @property
    def polls(self) -> bool:
        return self._real.polls

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        return await self._fake.check(record, correlation_id)

    async def acquire_slot(
        self, record: OperationRecord, baseline: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        return await self._fake.acquire_slot(record, baseline, correlation_id)

    async def reconcile(self, record: OperationRecord, baseline: Baseline) -> ReconcileResult:
        return await self._fake.reconcile(record, baseline)

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        return await self._fake.poll(record, reference)

    def order_to_graphql(self, record: OperationRecord, quantity: int | None) -> OperationOrder:
        return self._real.order_to_graphql(record, quantity)

    def result_to_graphql(self, record: OperationRecord, body: str) -> ResultFields:
        return self._real.result_to_graphql(record, body)


class FakeFamilies:
    """Base of fakes: one object performs the steps of every family."""

    def __getitem__(self, kind: str, /) -> UpgradeFamily:
        return FakeFamily(cast("FakeActivities", self), _REAL[kind])
