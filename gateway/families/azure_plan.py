"""Upgrades of a customer's products (CONTRACT 4.9 to 4.11, 10.2)."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from gateway.families.base import NO_CREDENTIALS, FamilyActivities, blocker_from, command_slot
from gateway.operations.activities import SendSlot
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    Failure,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
from gateway.upstream.commands import CommandOutcome, CommandResult, find_upgrade_id
from gateway.upstream.errors import UpstreamError
from gateway.upstream.scope import RequestScope
from gateway.upstream.write_outcome import Rejected
from resolvers.orders import ProductUpgradeOrder
from schema.keys import ProductUpgradeKey, ProductUpgradeStatusKey
from schema.operation import AttemptOutcome
from schema.product_upgrade import ProductUpgradesStatus, ProductUpgradeState
from schema.user_errors import UserErrorCode

# The vendor says that there is an upgrade already, running or completed, and which.
_EXISTS: Final = {"900109", "900110"}
_OTHER_ID: Final = "900111"


@dataclass(frozen=True, slots=True)
class AzurePlanUpgrades(FamilyActivities):
    """Upgrades one customer's products."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Ask whether it is possible; an upgrade that exists already is adopted, not repeated."""
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return CheckResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        product = _product(record)
        try:
            found = await self.directory(scope).product_upgrade_eligibility(product)
            is_adopted = not found.is_eligible and await self._succeeds(
                scope, product, found.upgrade_id
            )
        except UpstreamError as error:
            return self.check_failed(error)
        if is_adopted:
            return CheckResult(at=self.clock.wall(), reference=found.upgrade_id)
        if not found.is_eligible:
            message = found.reason or "Not possible now; the vendor gives no reason."
            failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
            return CheckResult(at=self.clock.wall(), refusal=failure)
        known = (found.upgrade_id.lower(),) if found.upgrade_id else ()
        return CheckResult(at=self.clock.wall(), baseline=Baseline(known_ids=known))

    async def _succeeds(
        self, scope: RequestScope, product: ProductUpgradeKey, upgrade_id: str | None
    ) -> bool:
        """Whether an upgrade exists that has not failed."""
        if upgrade_id is None:
            return False
        key = ProductUpgradeStatusKey(upgrade_id, product)
        status = await self.directory(scope).product_upgrade_status(key)
        return status.status is not ProductUpgradeState.FAILED

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until it could be requested at once."""
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return NO_CREDENTIALS
        product = _product(record)
        prepared = await self.commands(scope, record.request_id).prepare_product_upgrade(product)
        return command_slot(prepared, partial(self._record_result, product))

    def _record_result(
        self, product: ProductUpgradeKey, outcome: CommandOutcome[str]
    ) -> SendResult:
        """Record what came of the request; being told of one that exists is as good."""
        upgrade_id, status = None, None
        if isinstance(outcome, CommandResult):
            upgrade_id, status = outcome.value, outcome.status
        elif isinstance(outcome, Rejected) and outcome.error.upstream_code in _EXISTS:
            named = find_upgrade_id(str(outcome.error), product.customer_id)
            upgrade_id, status = named, outcome.error.status
        if upgrade_id is not None:
            at = self.clock.wall()
            return SendResult(
                outcome=AttemptOutcome.SUCCEEDED, at=at, reference=upgrade_id, status=status
            )
        assert not isinstance(outcome, CommandResult)  # noqa: S101 - it would have had an id
        sent = self.send_failed(outcome)
        if outcome.error.upstream_code in _EXISTS:  # without a readable id: eligibility tells it
            return msgspec.structs.replace(sent, outcome=AttemptOutcome.UNANSWERED)
        return sent

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Ask eligibility, which names the upgrade that exists."""
        scope = self.open_scope(record.principal, None)
        if scope is None:
            return ReconcileResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        try:
            found = await self.directory(scope).product_upgrade_eligibility(_product(record))
        except UpstreamError as error:
            return ReconcileResult(at=self.clock.wall(), blocker=blocker_from(error))
        at, upgrade_id = self.clock.wall(), found.upgrade_id
        if upgrade_id is None or upgrade_id.lower() in facts.known_ids:
            return ReconcileResult(at=at, verdict=Verdict.NOT_DONE)
        return ReconcileResult(at=at, verdict=Verdict.DONE, reference=upgrade_id)

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        """Ask how far it is; 900111 tells the right id."""
        scope = self.open_scope(record.principal, None)
        if scope is None:
            return PollResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        key = ProductUpgradeStatusKey(reference, _product(record))
        try:
            status = await self.directory(scope).product_upgrade_status(key)
        except UpstreamError as error:
            other = find_upgrade_id(str(error), reference, key.product.customer_id)
            if error.upstream_code == _OTHER_ID and other is not None:
                at = self.clock.wall()
                return PollResult(at=at, progress=UpstreamProgress.RUNNING, reference=other)
            return PollResult(at=self.clock.wall(), blocker=blocker_from(error))
        return PollResult(
            at=self.clock.wall(),
            progress=_progress(status),
            message=_reason(status),
            body=msgspec.json.encode(status).decode(),
        )


def _progress(status: ProductUpgradesStatus) -> UpstreamProgress:
    """An unknown state is not finished (CONTRACT 6.6)."""
    known = {
        ProductUpgradeState.COMPLETED: UpstreamProgress.DONE,
        ProductUpgradeState.FAILED: UpstreamProgress.FAILED,
    }
    return known.get(status.status, UpstreamProgress.RUNNING)


def _reason(status: ProductUpgradesStatus) -> str | None:
    details = [status.error_details, *(item.error_details for item in status.line_items)]
    return next((each.message for each in details if each is not None and each.message), None)


def _product(record: OperationRecord) -> ProductUpgradeKey:
    order = record.order
    if not isinstance(order, ProductUpgradeOrder):
        raise TypeError(f"{record.kind.name} is no product upgrade")
    return order.product
