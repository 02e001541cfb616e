"""Upgrades of legacy license subscriptions (CONTRACT 4.7, 4.8)."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec
from strawberry import ID

from gateway.families.base import PartnerCenterFamily, build_slot
from gateway.families.examination import Examination
from gateway.families.license_upgrade_rules import (
    describe_upgrade,
    find_upgrade_path,
    resolve_quantity,
    validate_upgrade,
)
from gateway.families.source_rules import (
    find_subscription,
    show_source,
    validate_source,
    with_offer,
)
from gateway.families.step_results import send_failed
from gateway.operations.activities import ResultFields, SendSlot
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.upstream.commands import (
    CommandOutcome,
    CommandResult,
    PartnerCommands,
    UpgradeCommand,
)
from gateway.upstream.models.upgrade_result import decode_upgrade_result
from gateway.upstream.transport.response_body import to_utf8
from resolvers.orders import UpgradeOrder
from resolvers.ports.directory import Directory
from schema.customer_subscription import CustomerSubscription
from schema.operation import AttemptOutcome
from schema.order import OperationOrder
from schema.subscription_terms import CommerceFamily, SubscriptionStatus
from schema.upgrade import Upgrade, UpgradeError, UpgradeResult

_OTHER_FAMILIES: Final = {CommerceFamily.NEW_COMMERCE, CommerceFamily.LEGACY_AZURE}


class LicenseUpgrades(PartnerCenterFamily[UpgradeOrder]):
    """The family of license upgrades. The vendor's response is the outcome; nothing is polled."""

    order_type = UpgradeOrder
    audit_types = frozenset({"upgrade_subscription", "create_order"})

    async def examine(self, order: UpgradeOrder, directory: Directory) -> Examination:
        held = await directory.subscriptions(order.source.customer_id)
        source = find_subscription(held, order.source.subscription_id)
        refusal = validate_source(source, order.source, _OTHER_FAMILIES)
        if source is None or refusal is not None:
            return Examination(show=partial(show_source, source), refusal=refusal)
        upgrades = await directory.upgrades(order.source)
        path = find_upgrade_path(order, upgrades)
        show = partial(describe_upgrade, order, source, path, held)
        refusal = validate_upgrade(order, source, upgrades)
        if path is None or refusal is not None:
            return Examination(show=show, refusal=refusal, body=_refusal_body(order, path))
        baseline = Baseline(
            quantity=resolve_quantity(order, path, source) or 0,
            known_ids=tuple(s.id.lower() for s in with_offer(held, order.target_offer_id)),
            target_name=path.target_offer.name,
        )
        return Examination(show=show, baseline=baseline)

    async def prepare(
        self, order: UpgradeOrder, baseline: Baseline, commands: PartnerCommands
    ) -> SendSlot | Blocker:
        command = UpgradeCommand(
            order.source, order.target_offer_id, order.upgrade_type, baseline.quantity
        )
        return build_slot(await commands.prepare_upgrade(command), self._send_result)

    def _send_result(self, outcome: CommandOutcome[UpgradeResult]) -> SendResult:
        if not isinstance(outcome, CommandResult):
            return send_failed(outcome, self.now())
        result = outcome.value
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.now(),
            has_errors=bool(result.upgrade_errors),
            has_license_errors=bool(result.license_errors),
            reference=result.target_subscription_id,
            body=to_utf8(outcome.body, "").decode(errors="replace"),
            status=outcome.status,
        )

    async def reconcile_order(
        self, order: UpgradeOrder, baseline: Baseline, directory: Directory
    ) -> ReconcileResult:
        held = await directory.subscriptions(order.source.customer_id)
        verdict, target_id = judge_subscriptions(order, baseline, held)
        body = None if target_id is None else _result_body(order, targetSubscriptionId=target_id)
        return ReconcileResult(at=self.now(), verdict=verdict, reference=target_id, body=body)

    def show_order(self, order: UpgradeOrder, quantity: int | None) -> OperationOrder:
        return OperationOrder(
            customer_id=ID(order.customer_id),
            subscription_id=ID(order.source.subscription_id),
            quantity=quantity if order.quantity is None else order.quantity,
            target_offer_id=ID(order.target_offer_id),
            upgrade_type=order.upgrade_type,
        )

    def show_result(self, order: UpgradeOrder, body: str) -> ResultFields:
        return {"result": decode_upgrade_result(body.encode(), order.customer_id)}


def judge_subscriptions(
    order: UpgradeOrder, baseline: Baseline, held: Sequence[CustomerSubscription]
) -> tuple[Verdict, str | None]:
    """Decide from the customer's subscriptions whether the upgrade took effect (CONTRACT 10.1).

    It did if the source is out of service and there is one new subscription to the target; the id
    of that subscription is returned too. An active source beside a new target is unclear: it may be
    a license transfer that left users behind, or another purchase.
    """
    source = find_subscription(held, order.source.subscription_id)
    is_active = source is not None and source.status is SubscriptionStatus.ACTIVE
    targets = with_offer(held, order.target_offer_id)
    new_ids = [str(s.id) for s in targets if s.id.lower() not in baseline.known_ids]
    if not new_ids:
        return (Verdict.NOT_DONE if is_active else Verdict.UNCLEAR), None
    if is_active or len(new_ids) > 1:
        return Verdict.UNCLEAR, None
    return Verdict.DONE, new_ids[0]


def _refusal_body(order: UpgradeOrder, path: Upgrade | None) -> str:
    """Encode the reasons in the form of the vendor's response."""
    errors: Sequence[UpgradeError] = path.upgrade_errors if path else ()
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


def _result_body(order: UpgradeOrder, **members: object) -> str:
    named = {
        "sourceSubscriptionId": order.source.subscription_id,
        "upgradeType": order.upgrade_type.name.lower(),
    }
    return msgspec.json.encode({**named, **members}).decode()
