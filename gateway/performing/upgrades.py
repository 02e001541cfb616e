"""Upgrades of legacy license subscriptions (CONTRACT 4.7, 4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gateway.operations.entries import Checked, Facts, Looked, Sent, Trouble, Verdict
from gateway.operations.partner import Slot
from gateway.operations.record import Record
from gateway.performing.acts import NO_CALLER, Acts, failure_of, slot_of, text, trouble_of
from gateway.performing.sources import find, of_offer
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
class PartnerUpgrades(Acts):
    """Upgrades one subscription."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Read the source and its upgrades, both fresh, and compare them with the order."""
        scope = self.reading(record.principal, correlation_id)
        if scope is None:
            return Checked(at=self.clock.wall(), trouble=NO_CALLER)
        order, directory = _upgrade_order(record), self.directory(scope)
        try:
            held = await directory.subscriptions(order.source.customer_id)
            source = find(held, order.source.subscription_id)
            refusal = validate_source(source, order.source, OTHER_MUTATIONS)
            upgrades = () if refusal else await directory.upgrades(order.source)
        except UpstreamError as error:
            return self.not_checked(error)
        if refusal is not None or source is None:
            return Checked(at=self.clock.wall(), refusal=failure_of(refusal))
        checked = self._compared(order, source, held, upgrades)
        path = find_upgrade_path(order, upgrades)
        if checked.refusal is not None or path is None:
            return checked
        stale = validate_preview(order, source, path, record.created_at)
        return Checked(at=checked.at, refusal=failure_of(stale)) if stale else checked

    def _compared(
        self,
        order: UpgradeOrder,
        source: CustomerSubscription,
        held: Sequence[CustomerSubscription],
        upgrades: Sequence[Upgrade],
    ) -> Checked:
        refusal = validate_upgrade(order, source, upgrades)
        path = find_upgrade_path(order, upgrades)
        quantity = None if path is None else resolve_quantity(order, path, source)
        if refusal is not None or quantity is None:
            body = _reasons(order, path.upgrade_errors if path else ())
            return Checked(at=self.clock.wall(), refusal=failure_of(refusal), body=body)
        facts = Facts(
            quantity=quantity,
            known_ids=tuple(s.id.lower() for s in of_offer(held, order.target_offer_id)),
        )
        return Checked(at=self.clock.wall(), facts=facts)

    async def acquire_slot(
        self, record: Record, facts: Facts, correlation_id: str
    ) -> Slot | Trouble:
        """Wait until the upgrade could be performed at once."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return NO_CALLER
        order = _upgrade_order(record)
        wish = UpgradeCommand(
            order.source, order.target_offer_id, order.upgrade_type, facts.quantity
        )
        prepared = await self.commands(scope, record.request_id).prepare_upgrade(wish)
        return slot_of(prepared, self._sent)

    def _sent(self, outcome: CommandOutcome[UpgradeResult]) -> Sent:
        if not isinstance(outcome, CommandResult):
            return self.not_performed(outcome)
        result = outcome.value
        return Sent(
            outcome=AttemptOutcome.SUCCEEDED,
            at=self.clock.wall(),
            has_errors=bool(result.upgrade_errors),
            has_license_errors=bool(result.license_errors),
            reference=result.target_subscription_id,
            body=text(outcome.body),
            status=outcome.status,
        )

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Read the customer's subscriptions and see whether the target is among them."""
        scope = self.reading(record.principal, None)
        if scope is None:
            return Looked(at=self.clock.wall(), trouble=NO_CALLER)
        order = _upgrade_order(record)
        try:
            held = await self.directory(scope).subscriptions(order.source.customer_id)
        except UpstreamError as error:
            return Looked(at=self.clock.wall(), trouble=trouble_of(error))
        verdict, target = seen(order, facts, held)
        body = None if target is None else _bought(order, target)
        return Looked(at=self.clock.wall(), verdict=verdict, reference=target, body=body)


def seen(
    order: UpgradeOrder, facts: Facts, held: Sequence[CustomerSubscription]
) -> tuple[Verdict, str | None]:
    """Judge by the customer's subscriptions whether the upgrade was done (CONTRACT 10.1).

    It was when the source is out of service and one subscription of the target is new. A source
    in service with a new target beside it may be a license transfer that left users behind, or
    another's purchase.
    """
    source = find(held, order.source.subscription_id)
    is_in_service = source is not None and source.status is SubscriptionStatus.ACTIVE
    new = [
        s.id for s in of_offer(held, order.target_offer_id) if s.id.lower() not in facts.known_ids
    ]
    if not new:
        return (Verdict.NOT_DONE if is_in_service else Verdict.UNCLEAR), None
    if is_in_service or len(new) > 1:
        return Verdict.UNCLEAR, None
    return Verdict.DONE, str(new[0])


def _upgrade_order(record: Record) -> UpgradeOrder:
    order = record.order
    if not isinstance(order, UpgradeOrder):
        raise TypeError(f"{record.kind.name} is no upgrade of a subscription")
    return order


def _reasons(order: UpgradeOrder, errors: Sequence[UpgradeError]) -> str:
    """Write a refusal as the vendor would have answered it."""
    return _result(
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


def _bought(order: UpgradeOrder, target_id: str) -> str:
    """Write what was found as the vendor would have answered it."""
    return _result(order, targetSubscriptionId=target_id)


def _result(order: UpgradeOrder, **members: object) -> str:
    named = {
        "sourceSubscriptionId": order.source.subscription_id,
        "upgradeType": order.upgrade_type.name.lower(),
    }
    return msgspec.json.encode({**named, **members}).decode()
