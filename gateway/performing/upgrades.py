"""Upgrades of legacy license subscriptions (CONTRACT 4.7, 4.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.operations.record import Checked, Facts, Failure, Looked, Record, Sent, Verdict
from gateway.performing.acts import NO_CALLER, Acts, text, trouble_of
from gateway.performing.sources import find, of_offer, refusal_of_source
from gateway.upstream.commands import Performed, UpgradeWish
from gateway.upstream.errors import NotFound, UpstreamError
from resolvers.orders import UpgradeOrder
from schema.contract_terms import CommerceFamily, SubscriptionStatus
from schema.customer_subscription import CustomerSubscription
from schema.operation import AttemptOutcome, UserErrorCode
from schema.upgrade import Upgrade, UpgradeError, UpgradeResult

_OTHER_MUTATION: Final = {
    CommerceFamily.NEW_COMMERCE: "transitionSubscription",
    CommerceFamily.LEGACY_AZURE: "requestProductUpgrade",
}


@dataclass(frozen=True, slots=True)
class PartnerUpgrades(Acts):
    """Upgrades one subscription."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        """Read the source and its upgrades, both fresh, and compare them with the order."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return Checked(at=self.clock.wall(), trouble=NO_CALLER)
        order, directory = _upgrade_order(record), self.directory(scope)
        try:
            held = await directory.subscriptions(order.source.customer_id)
            source = find(held, order.source.subscription_id)
            refusal = refusal_of_source(source, order.source, _OTHER_MUTATION)
            upgrades = () if refusal else await directory.upgrades(order.source)
        except NotFound as error:
            failure = Failure(code=UserErrorCode.NOT_FOUND, message=str(error))
            return Checked(at=self.clock.wall(), refusal=failure)
        except UpstreamError as error:
            return Checked(at=self.clock.wall(), trouble=trouble_of(error))
        if refusal is not None or source is None:
            return Checked(at=self.clock.wall(), refusal=refusal)
        return self._compared(order, source, held, upgrades)

    def _compared(
        self,
        order: UpgradeOrder,
        source: CustomerSubscription,
        held: Sequence[CustomerSubscription],
        upgrades: Sequence[Upgrade],
    ) -> Checked:
        refusal = refusal_of_order(order, upgrades)
        path = _path(order, upgrades)
        if refusal is not None or path is None:
            body = _reasons(order, path.upgrade_errors if path else ())
            return Checked(at=self.clock.wall(), refusal=refusal, body=body)
        facts = Facts(
            quantity=order.quantity or path.quantity or source.quantity or 1,
            known_ids=tuple(s.id.lower() for s in of_offer(held, order.target_offer_id)),
        )
        return Checked(at=self.clock.wall(), facts=facts)

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        """Perform the upgrade, once."""
        scope = self.begin(record.principal, correlation_id)
        if scope is None:
            return self.never_sent(NO_CALLER)
        order = _upgrade_order(record)
        wish = UpgradeWish(order.source, order.target_offer_id, order.upgrade_type, facts.quantity)
        outcome = await self.commands(scope, record.request_id).perform_upgrade(wish)
        if not isinstance(outcome, Performed):
            return self.not_performed(outcome)
        result: UpgradeResult = outcome.value
        return Sent(
            outcome=AttemptOutcome.ACCEPTED,
            at=self.clock.wall(),
            has_errors=bool(result.upgrade_errors),
            has_license_errors=bool(result.license_errors),
            reference=result.target_subscription_id,
            body=text(outcome.body),
        )

    async def look(self, record: Record, facts: Facts) -> Looked:
        """Read the customer's subscriptions and see whether the target is among them."""
        scope = self.begin(record.principal, None)
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


def refusal_of_order(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Failure | None:
    """Refuse what the vendor says is not possible now."""
    path = _path(order, upgrades)
    if path is None:
        known = sorted({str(each.target_offer.id) for each in upgrades})
        named = f"it can become {', '.join(known)}" if known else "it has no upgrade at all"
        message = f"The subscription has no such upgrade to {order.target_offer_id}: {named}."
        return Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    if not path.is_eligible:
        reasons = [e.description or e.code.name for e in path.upgrade_errors]
        message = "Not possible now: " + ("; ".join(reasons) or "the vendor gives no reason")
        return Failure(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    return _refusal_of_quantity(order, path)


def _refusal_of_quantity(order: UpgradeOrder, path: Upgrade) -> Failure | None:
    quantity, offer = order.quantity, path.target_offer
    if quantity is None:
        return None
    least, most = offer.minimum_quantity or 1, offer.maximum_quantity
    if quantity >= least and (most is None or quantity <= most):
        return None
    message = f"quantity is from {least} to {most} for this offer, not {quantity}."
    field = ["input", "quantity"]
    return Failure(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)


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


def _path(order: UpgradeOrder, upgrades: Sequence[Upgrade]) -> Upgrade | None:
    wanted = order.target_offer_id.lower(), order.upgrade_type
    return next(
        (u for u in upgrades if (u.target_offer.id.lower(), u.upgrade_type) == wanted), None
    )


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
