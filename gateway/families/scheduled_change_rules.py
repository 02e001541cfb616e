"""Pure decisions about changes at the end of a term (CONTRACT 4.19, 10.4)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.upstream.scheduled_changes import NextTerm, NextTermProduct
from resolvers.orders.scheduled_change import ScheduledChangeOrder, ScheduleUpgradeOrder
from schema.availability import Availability, AvailabilityTerm
from schema.billing import parse_billing_cycle
from schema.customer_subscription import CustomerSubscription
from schema.keys import AvailabilityKey, Market, parse_catalog_item
from schema.scheduled_change import (
    ScheduledActionType,
    ScheduledChange,
    ScheduledChangeShape,
    ScheduledTerms,
)
from schema.subscription_terms import SubscriptionStatus
from schema.transition_eligibility import TransitionEligibility
from schema.user_errors import UserError, UserErrorCode

# CONTRACT 4.19 prints cycles in this spelling.
_CYCLES = {
    "MONTHLY": "Monthly",
    "ANNUAL": "Annual",
    "TRIENNIAL": "Triennial",
    "BIENNIAL": "Biennial",
    "ONE_TIME": "OneTime",
}


def validate_renewal(
    source: CustomerSubscription, order: ScheduledChangeOrder, now: datetime
) -> UserError | None:
    """Return an error unless the subscription's renewal can be changed now."""
    if source.status is not SubscriptionStatus.ACTIVE:
        remedy = (
            "Reactivate it in Partner Center, then try again."
            if source.status is SubscriptionStatus.SUSPENDED
            else "One that has ended cannot be renewed."
        )
        return _not_eligible(
            f"The subscription is {source.raw_status or 'not active'}, and only an active one"
            f" renews. {remedy}"
        )
    if has_actions(source) and not order.replaces_actions:
        return _not_eligible(
            "The subscription has `scheduledActions`, perhaps a cancellation that somebody chose,"
            " and nothing else can be scheduled beside them. See `scheduledChange`. Set"
            " `replaceScheduledActions`, or remove them in Partner Center."
        )
    # Actions other than a renewal come with auto-renew off. Replacing them switches it on.
    if source.auto_renew_enabled is not True and not has_actions(source):
        return _not_eligible(
            "Auto-renew of the subscription is off, so it ends with its term and nothing can be"
            " scheduled. Switch auto-renew on in Partner Center, then try again."
        )
    if is_renewing(source, now):
        return _not_eligible(
            "The term has ended and the renewal is pending, which takes up to 24 hours. Until then"
            " nothing can be scheduled. Try again when `commitmentEndDate` has moved."
        )
    return None


def has_actions(source: CustomerSubscription) -> bool:
    change = source.scheduled_change
    return change is not None and change.shape is ScheduledChangeShape.SCHEDULED_ACTIONS


def is_renewing(source: CustomerSubscription, now: datetime) -> bool:
    """Whether the term has ended, and the renewal is pending. Its last day is part of the term."""
    ends = source.commitment_end_date
    return ends is not None and now.astimezone(UTC).date() > ends.astimezone(UTC).date()


def find_item(order: ScheduleUpgradeOrder, source: CustomerSubscription) -> AvailabilityKey | None:
    """Return the item to renew to: the order's, or else the subscription's if it is known."""
    own = source.catalog_item
    if order.to_catalog_item_id is None:
        return own
    market = Market() if own is None else own.sku.market
    return parse_catalog_item(order.to_catalog_item_id, market)


def keeps_sku(item: AvailabilityKey, source: CustomerSubscription) -> bool:
    """Whether the subscription keeps its SKU. The vendor lists no eligibility for that case."""
    own = source.catalog_item
    return own is not None and item.sku.normalized == own.sku.normalized


def validate_target(
    item: AvailabilityKey, eligibilities: Sequence[TransitionEligibility]
) -> UserError | None:
    """Return an error unless the item is listed as a possible target at renewal."""
    targets = [each for each in eligibilities if _is_of_sku(each, item)]
    if any(each.eligibilities and each.eligibilities[0].is_eligible for each in targets):
        return None
    reasons = [
        f"{error.code.name}: {error.description or 'no text'}"
        for target in targets
        for detail in target.eligibilities[:1]
        for error in detail.errors
    ]
    if targets:
        reason = "; ".join(reasons) or "it gives no reason"
        return _not_eligible(f"Partner Center does not allow to renew to this product: {reason}.")
    known = ", ".join(
        sorted(f"{t.catalog_item_id} ({t.title or 'no title'})" for t in eligibilities)
    )
    options = f"It can renew to: {known}." if known else "It can only renew to its own product."
    wanted = ":".join((item.sku.product_id, item.sku.sku_id, item.availability_id))
    return _not_eligible(f"The subscription cannot renew to {wanted}. {options}")


def find_title(
    item: AvailabilityKey,
    source: CustomerSubscription,
    eligibilities: Sequence[TransitionEligibility],
) -> str | None:
    if keeps_sku(item, source):
        return source.offer_name
    return next((each.title for each in eligibilities if _is_of_sku(each, item)), None)


def _is_of_sku(target: TransitionEligibility, item: AvailabilityKey) -> bool:
    found = parse_catalog_item(target.catalog_item_id, item.sku.market)
    return found is not None and found.sku.normalized == item.sku.normalized


def decide_next_term(
    order: ScheduleUpgradeOrder,
    source: CustomerSubscription,
    item: AvailabilityKey,
    availability: Availability | None,
) -> NextTerm | UserError:
    """Return the terms after the renewal, or an error if they are not sold.

    Where the order has no terms, those of the subscription apply. `availability` is None if the SKU
    is no longer sold but is still allowed as a target.
    """
    quantity = order.quantity or source.quantity
    term = order.term_duration or source.term_duration
    cycle = _CYCLES.get(order.billing_cycle or "") or source.raw_billing_cycle
    if quantity is None or term is None or cycle is None:
        return UserError(
            code=UserErrorCode.NOT_ELIGIBLE,
            message=(
                "quantity, termDuration and billingCycle are required: Partner Center does not"
                " return those of the subscription."
            ),
            field=["input", "quantity"],
        )
    if availability is not None and not _is_offered(term, cycle, availability.terms):
        offered = ", ".join(sorted(map(_name_term, availability.terms)))
        return UserError(
            code=UserErrorCode.NOT_ELIGIBLE,
            message=(
                f"The product is not sold for {term} with billing cycle {cycle}. It is sold for:"
                f" {offered}."
            ),
            field=["input", "termDuration"],
        )
    id_on_sale = None if availability is None else availability.id
    return NextTerm(
        product=NextTermProduct(
            product_id=item.sku.product_id,
            sku_id=item.sku.sku_id,
            availability_id=id_on_sale or item.availability_id,
            billing_cycle=cycle,
            term_duration=term,
            promotion_id=order.promotion_id,
        ),
        quantity=quantity,
        custom_term_end_date=order.custom_term_end_date,
    )


def _is_offered(term: str, cycle: str, offered: Sequence[AvailabilityTerm]) -> bool:
    wanted = term.upper(), parse_billing_cycle(cycle)
    known = [each for each in offered if each.duration]
    return not known or any(
        each.duration
        and each.duration.upper() == wanted[0]
        and each.billing_cycle in {wanted[1], None}
        for each in known
    )


def _name_term(term: AvailabilityTerm) -> str:
    return f"{term.duration} {term.raw_billing_cycle or ''}".strip()


def is_scheduled(change: ScheduledChange | None, wanted: NextTerm) -> bool:
    ends = wanted.custom_term_end_date
    return change is not None and change.terms == ScheduledTerms(
        ScheduledActionType.RENEW_TO_NEW_TERM,
        wanted.product.product_id.lower(),
        wanted.product.sku_id.lower(),
        wanted.product.term_duration.upper(),
        parse_billing_cycle(wanted.product.billing_cycle),
        wanted.quantity,
        None if ends is None else datetime.fromisoformat(ends).date(),
    )


def has_promotion(change: ScheduledChange | None, wanted: str | None) -> bool:
    """Whether the wanted promotion is scheduled. True if no promotion is wanted."""
    product = None if change is None else change.product
    found = None if product is None else product.promotion_id
    return wanted is None or (found or "").lower() == wanted.lower()


def _not_eligible(message: str) -> UserError:
    return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
