"""Pure decisions about the targets of transitions: what the vendor allows (CONTRACT 4.16)."""

from collections.abc import Sequence

from resolvers.orders import TransitionOrder
from schema.transition_eligibility import (
    TargetSubscriptionEligibilityDetail,
    TransitionEligibility,
    TransitionEligibilityDetail,
)
from schema.user_errors import UserError, UserErrorCode

Detail = TransitionEligibilityDetail | TargetSubscriptionEligibilityDetail


def is_target(catalog_item_id: str | None, order: TransitionOrder) -> bool:
    return (catalog_item_id or "").lower() == order.to_catalog_item_id.lower()


def find_targets(
    order: TransitionOrder, eligibilities: Sequence[TransitionEligibility]
) -> list[TransitionEligibility]:
    """Return the entries for the order's target; the vendor may list it several times."""
    return [each for each in eligibilities if is_target(each.catalog_item_id, order)]


def find_title(targets: Sequence[TransitionEligibility]) -> str | None:
    return next(filter(None, (each.title for each in targets)), None)


def find_type_details(
    order: TransitionOrder, targets: Sequence[TransitionEligibility]
) -> list[TransitionEligibilityDetail]:
    return [
        detail
        for target in targets
        for detail in target.eligibilities
        if detail.transition_type is order.transition_type
    ]


def find_receiver_details(
    order: TransitionOrder, targets: Sequence[TransitionEligibility]
) -> list[TargetSubscriptionEligibilityDetail]:
    receiver_id = (order.to_subscription_id or "").lower()
    return [
        detail
        for target in targets
        for detail in target.subscription_eligibilities
        if receiver_id and (detail.subscription_id or "").lower() == receiver_id
    ]


def are_eligible(details: Sequence[Detail]) -> bool:
    """Return whether the vendor lists at least one entry, and every entry as possible."""
    return bool(details) and all(detail.is_eligible for detail in details)


def find_maximum_quantity(
    targets: Sequence[TransitionEligibility], source_quantity: int | None
) -> int | None:
    """Return the licenses that can be moved; None if the vendor does not say."""
    listed = [target.quantity for target in targets if target.quantity is not None]
    return min(listed) if listed else source_quantity


def validate_eligibility(
    order: TransitionOrder,
    eligibilities: Sequence[TransitionEligibility],
    source_quantity: int | None = None,
) -> UserError | None:
    """Return an error unless the vendor lists the transition as possible now.

    If one entry of the target is not eligible, the order is refused.
    """
    targets = find_targets(order, eligibilities)
    if not targets:
        known = ", ".join(sorted(map(_name_target, eligibilities)))
        options = f"It can become: {known}." if known else "It has no transitions."
        message = f"The subscription cannot become {order.to_catalog_item_id}. {options}"
        return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message)
    return (
        _require_eligible(
            find_type_details(order, targets), f"{order.transition_type.name} for this target"
        )
        or _validate_receiver(order, targets)
        or _validate_quantity(order, find_maximum_quantity(targets, source_quantity))
    )


def _name_target(target: TransitionEligibility) -> str:
    title = f" ({target.title})" if target.title else ""
    return f"{target.catalog_item_id}{title}"


def _validate_receiver(
    order: TransitionOrder, targets: Sequence[TransitionEligibility]
) -> UserError | None:
    receiver_id = order.to_subscription_id
    if receiver_id is None:
        return None
    unlisted = f"subscription {receiver_id} as a receiver"
    field = ["input", "toSubscriptionId"]
    return _require_eligible(find_receiver_details(order, targets), unlisted, field)


def _require_eligible(
    details: Sequence[Detail], unlisted: str, field: list[str] | None = None
) -> UserError | None:
    if are_eligible(details):
        return None
    reasons = [
        f"{error.code.name}: {error.description or 'no text'}"
        for detail in details
        if not detail.is_eligible
        for error in detail.errors
    ]
    reason = "; ".join(reasons) or (
        "it gives no reason." if details else f"it does not list {unlisted}."
    )
    message = f"Partner Center does not allow the transition now: {reason}"
    return UserError(code=UserErrorCode.NOT_ELIGIBLE, message=message, field=field)


def _validate_quantity(order: TransitionOrder, maximum: int | None) -> UserError | None:
    if maximum is None or order.quantity <= maximum:
        return None
    message = f"quantity must be 1 to {maximum}, not {order.quantity}."
    field = ["input", "quantity"]
    return UserError(code=UserErrorCode.QUANTITY_OUT_OF_RANGE, message=message, field=field)
