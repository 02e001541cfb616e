"""The effects of a transition, for its preview (CONTRACT 10.3, 10.4)."""

from collections.abc import Sequence

from gateway.families.source_rules import (
    find_subscription,
    show_source,
    warn_of_add_ons,
    warn_of_licenses,
    warn_of_scheduled_changes,
)
from gateway.families.transition_targets import (
    are_eligible,
    find_maximum_quantity,
    find_receiver_details,
    find_targets,
    find_title,
    find_type_details,
)
from resolvers.orders import TransitionOrder
from schema.billing import parse_billing_cycle
from schema.customer_subscription import CustomerSubscription
from schema.preview import PreviewWarning, PreviewWarningCode, UpgradePreview
from schema.quoting import shorten
from schema.subscription_terms import CommerceFamily
from schema.transition_eligibility import TransitionEligibility


def describe_transition(
    order: TransitionOrder,
    source: CustomerSubscription,
    eligibilities: Sequence[TransitionEligibility],
    held: Sequence[CustomerSubscription],
) -> UpgradePreview:
    """Describe the effects; only the source if the target does not exist."""
    preview = show_source(source)
    targets = find_targets(order, eligibilities)
    if not targets:
        return preview
    receiver_id = order.to_subscription_id
    preview.receiver = None if receiver_id is None else find_subscription(held, receiver_id)
    _describe_eligibility(preview, order, targets)
    _describe_licenses(preview, order, source)
    preview.target_name = find_title(targets)
    preview.maximum_quantity = find_maximum_quantity(targets, source.quantity)
    preview.warnings = [
        *warn_of_add_ons(source, held),
        *warn_of_licenses(
            are_moved=preview.moves_user_licenses is True, on_request=order.moves_licenses
        ),
        *_warn_of_terms(order, source),
        *warn_of_scheduled_changes(source, preview.receiver),
    ]
    return preview


def _describe_eligibility(
    preview: UpgradePreview, order: TransitionOrder, targets: Sequence[TransitionEligibility]
) -> None:
    types, receivers = find_type_details(order, targets), find_receiver_details(order, targets)
    preview.transition_errors = [
        error for each in types if not each.is_eligible for error in each.errors
    ]
    preview.target_subscription_errors = [
        error for each in receivers if not each.is_eligible for error in each.errors
    ]
    preview.is_eligible = are_eligible(types) and (
        order.to_subscription_id is None or are_eligible(receivers)
    )


def _describe_licenses(
    preview: UpgradePreview, order: TransitionOrder, source: CustomerSubscription
) -> None:
    held, receiver = source.quantity, preview.receiver
    left = None if held is None else max(0, held - order.quantity)
    is_new_commerce = source.commerce is CommerceFamily.NEW_COMMERCE
    is_in_place = is_new_commerce and left == 0 and order.to_subscription_id is None
    preview.quantity, preview.minimum_quantity, preview.licenses_left = order.quantity, 1, left
    # A whole transition in place moves the users' licenses whatever the order says.
    preview.moves_user_licenses = order.moves_licenses or is_in_place
    if is_in_place:
        preview.source_afterwards = "It becomes the target, and keeps its id."
        preview.target_afterwards = "The same subscription, with the target's product."
        return
    preview.source_afterwards = _describe_source(left)
    if order.to_subscription_id is not None:
        before = "unknown" if receiver is None else receiver.quantity
        preview.target_afterwards = (
            f"Subscription {order.to_subscription_id}, which has {before} licenses, receives"
            f" {order.quantity} more. It keeps its term and its billing cycle."
        )
    elif is_new_commerce:
        preview.target_afterwards = (
            "A new subscription with an id of its own, which ends on the same date."
        )
    else:
        preview.target_afterwards = "A new subscription with an id of its own."


def _describe_source(licenses_left: int | None) -> str:
    if licenses_left is None:
        return "It keeps the licenses that are not moved."
    if licenses_left > 0:
        return f"It keeps {licenses_left} licenses."
    return "Partner Center takes it out of service. It does not say when, or with which status."


def _warn_of_terms(order: TransitionOrder, source: CustomerSubscription) -> list[PreviewWarning]:
    changes = []
    term, current = order.term_duration, source.term_duration
    if term is not None and term.upper() != (current or "").upper():
        changes.append(f"the term from {current} to {shorten(term)}")
    cycle = parse_billing_cycle(order.billing_cycle)
    if cycle is not None and cycle is not source.billing_cycle:
        before = None if source.billing_cycle is None else source.billing_cycle.name
        changes.append(f"the billing cycle from {before} to {cycle.name}")
    if not changes:
        return []
    text = f"The transition changes {' and '.join(changes)}."
    if order.to_subscription_id is not None:
        text = (
            "`termDuration` and `billingCycle` have no effect: the receiving subscription keeps its"
            " own term and billing cycle."
        )
    return [PreviewWarning(code=PreviewWarningCode.TERMS_CHANGE, message=text)]
