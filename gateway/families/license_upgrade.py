"""Upgrades of legacy license subscriptions (CONTRACT 4.7, 4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gateway.families.base import (
    NO_CREDENTIALS,
    FamilyActivities,
    blocker_from,
    command_slot,
    decode_body,
    failure_from,
)
from gateway.families.subscriptions import find_subscription, with_offer
from gateway.operations.activities import SendSlot
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.upstream.commands import CommandOutcome, CommandResult, UpgradeCommand
from gateway.upstream.errors import UpstreamError
from resolvers.orders import UpgradeOrder
from resolvers.validation import (
    OTHER_MUTATIONS,
    find_upgrade_path,
    resolve_quantity,
    validate_preview,
    validate_source,
    validate_upgrade,
)
from schema.customer_subscription import CustomerSubscription
from schema.operation import AttemptOutcome
from schema.subscription_terms import SubscriptionStatus
from schema.upgrade import Upgrade, UpgradeError, UpgradeResult


@dataclass(frozen=True, slots=True)
class LicenseUpgrades(FamilyActivities):
    """Upgrades one subscription."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        """Read the source and its upgrades, both fresh, and compare them with the order."""
        scope = self.read_scope(record.principal, correlation_id)
        if scope is None:
            return CheckResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        order, directory = _upgrade_order(record), self.directory(scope)
        try:
            held = await directory.subscriptions(order.source.customer_id)
            source = find_subscription(held, order.source.subscription_id)
            refusal = validate_source(source, order.source, OTHER_MUTATIONS)
            upgrades = () if refusal else await directory.upgrades(order.source)
        except UpstreamError as error:
            return self.check_failed(error)
        if refusal is not None or source is None:
            return CheckResult(at=self.clock.wall(), refusal=failure_from(refusal))
        checked = self._compare(order, source, held, upgrades)
        path = find_upgrade_path(order, upgrades)
        if checked.refusal is not None or path is None:
            return checked
        stale = validate_preview(order, source, path, record.created_at)
        return CheckResult(at=checked.at, refusal=failure_from(stale)) if stale else checked

    def _compare(
        self,
        order: UpgradeOrder,
        source: CustomerSubscription,
        held: Sequence[CustomerSubscription],
        upgrades: Sequence[Upgrade],
    ) -> CheckResult:
        refusal = validate_upgrade(order, source, upgrades)
        path = find_upgrade_path(order, upgrades)
        quantity = None if path is None else resolve_quantity(order, path, source)
        if refusal is not None or quantity is None:
            body = _refusal_body(order, path.upgrade_errors if path else ())
            return CheckResult(at=self.clock.wall(), refusal=failure_from(refusal), body=body)
        facts = Baseline(
            quantity=quantity,
            known_ids=tuple(s.id.lower() for s in with_offer(held, order.target_offer_id)),
        )
        return CheckResult(at=self.clock.wall(), baseline=facts)

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        """Wait until the upgrade could be performed at once."""
        scope = self.open_scope(record.principal, correlation_id)
        if scope is None:
            return NO_CREDENTIALS
        order = _upgrade_order(record)
        wish = UpgradeCommand(
            order.source, order.target_offer_id, order.upgrade_type, facts.quantity
        )
        prepared = await self.commands(scope, record.request_id).prepare_upgrade(wish)
        return command_slot(prepared, self._record_result)

    def _record_result(self, outcome: CommandOutcome[UpgradeResult]) -> SendResult:
        if not isinstance(outcome, CommandResult):
            return self.send_failed(outcome)
        result = outcome.value
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.clock.wall(),
            has_errors=bool(result.upgrade_errors),
            has_license_errors=bool(result.license_errors),
            reference=result.target_subscription_id,
            body=decode_body(outcome.body),
            status=outcome.status,
        )

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Read the customer's subscriptions and see whether the target is among them."""
        scope = self.read_scope(record.principal, None)
        if scope is None:
            return ReconcileResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        order = _upgrade_order(record)
        try:
            held = await self.directory(scope).subscriptions(order.source.customer_id)
        except UpstreamError as error:
            return ReconcileResult(at=self.clock.wall(), blocker=blocker_from(error))
        verdict, target = judge_subscriptions(order, facts, held)
        body = None if target is None else _purchase_body(order, target)
        return ReconcileResult(at=self.clock.wall(), verdict=verdict, reference=target, body=body)


def judge_subscriptions(
    order: UpgradeOrder, facts: Baseline, held: Sequence[CustomerSubscription]
) -> tuple[Verdict, str | None]:
    """Judge by the customer's subscriptions whether the upgrade was done (CONTRACT 10.1).

    It was when the source is out of service and one subscription of the target is new. A source
    in service with a new target beside it may be a license transfer that left users behind, or
    another's purchase.
    """
    source = find_subscription(held, order.source.subscription_id)
    is_in_service = source is not None and source.status is SubscriptionStatus.ACTIVE
    new = [
        s.id for s in with_offer(held, order.target_offer_id) if s.id.lower() not in facts.known_ids
    ]
    if not new:
        return (Verdict.NOT_DONE if is_in_service else Verdict.UNCLEAR), None
    if is_in_service or len(new) > 1:
        return Verdict.UNCLEAR, None
    return Verdict.DONE, str(new[0])


def _upgrade_order(record: OperationRecord) -> UpgradeOrder:
    order = record.order
    if not isinstance(order, UpgradeOrder):
        raise TypeError(f"{record.kind.name} is no upgrade of a subscription")
    return order


def _refusal_body(order: UpgradeOrder, errors: Sequence[UpgradeError]) -> str:
    """Write a refusal as the vendor would have answered it."""
    return _result_body(
        order,
        upgradeErrors=[
            {
                "code": each.raw_code or each.code.name,
                "description": each.description,
                "additionalDetails": each.additional_details,
            }
            for each in errors
        ],
    )


def _purchase_body(order: UpgradeOrder, target_id: str) -> str:
    """Write what was found as the vendor would have answered it."""
    return _result_body(order, targetSubscriptionId=target_id)


def _result_body(order: UpgradeOrder, **members: object) -> str:
    named = {
        "sourceSubscriptionId": order.source.subscription_id,
        "upgradeType": order.upgrade_type.name.lower(),
    }
    return msgspec.json.encode({**named, **members}).decode()
