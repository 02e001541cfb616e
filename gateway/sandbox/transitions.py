"""Transitions of subscriptions to new commerce products.

    Conversion Started -> Completed | Failed
    then LicenseReassignment Started -> Completed | Failed

Events are computed from the records and the time; `advance` applies completed conversions.
Source: CONTRACT 10.3.
"""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from gateway.sandbox.catalog import Catalog, Product
from gateway.sandbox.enums import (
    SubscriptionStatus,
    TargetSubscriptionErrorCode,
    TransitionErrorCode,
)
from gateway.sandbox.options import Timings
from gateway.sandbox.records import CommerceFamily, Customer, Subscription, Trait, Transition
from gateway.sandbox.upgrades import UpgradeContext

TRANSITION_TYPES: Final = ("transition_only", "transition_with_license_transfer")
TERM_MONTHS: Final = {"": 0, "P1M": 1, "P1Y": 12, "P3Y": 36}
CANCELLATION_WINDOW_S: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class TransitionEvent:
    name: str
    status: str
    at_s: float


@dataclass(frozen=True, slots=True)
class TypeEligibility:
    """The eligibility of one transition type."""

    transition_type: str
    problems: tuple[TransitionErrorCode, ...]


@dataclass(frozen=True, slots=True)
class ReceiverEligibility:
    """Whether an existing subscription can receive the licenses."""

    subscription: Subscription
    problems: tuple[TargetSubscriptionErrorCode, ...]


@dataclass(frozen=True, slots=True)
class TransitionEligibility:
    """A target product with its eligibilities. It has no `receivers` if it is for the renewal."""

    product: Product
    item_id: str
    quantity: int
    types: tuple[TypeEligibility, ...]
    receivers: tuple[ReceiverEligibility, ...] | None


def list_targets(
    source: Subscription, catalog: Catalog, *, is_scheduled: bool = False
) -> list[Product]:
    """List the target products.

    A legacy subscription can also become its new commerce equivalent.
    """
    successor = catalog.products.get(source.item)
    if successor is None or source.commerce_family not in {
        CommerceFamily.LEGACY_LICENSE,
        CommerceFamily.NEW_COMMERCE,
    }:
        return []
    scheduled = successor.scheduled_upgrades if is_scheduled else ()
    upgrades = [catalog.products[key] for key in (*successor.upgrades, *scheduled)]
    return (
        [successor, *upgrades]
        if source.commerce_family is CommerceFamily.LEGACY_LICENSE
        else upgrades
    )


def list_eligibilities(
    customer: Customer,
    source: Subscription,
    catalog: Catalog,
    context: UpgradeContext,
    *,
    is_scheduled: bool = False,
) -> list[TransitionEligibility]:
    """List the eligibilities (4.16), one for each target product."""
    return [
        TransitionEligibility(
            product=product,
            item_id=catalog.get_item_id(product, context.now_s),
            quantity=source.quantity,
            types=tuple(
                TypeEligibility(each, find_problems(customer, source, product, each, context))
                for each in TRANSITION_TYPES
            ),
            receivers=None if is_scheduled else _list_receivers(customer, source, product, context),
        )
        for product in list_targets(source, catalog, is_scheduled=is_scheduled)
    ]


def find_problems(
    customer: Customer,
    source: Subscription,
    target: Product,
    transition_type: str,
    context: UpgradeContext,
) -> tuple[TransitionErrorCode, ...]:
    """Return all reasons against the transition; none if it is possible now."""
    found = []
    if not source.is_active:
        found.append(TransitionErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE)
    if context.now_s < source.provisioned_s:
        found.append(TransitionErrorCode.SUBSCRIPTION_NOT_PROVISIONED)
    if any(each.is_active for each in customer.list_add_ons(source)):
        found.append(TransitionErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT)
    if transition_type == TRANSITION_TYPES[1]:
        found.extend(_find_transfer_problems(customer, source, target, context))
    return tuple(found)


def find_receiver_problems(
    source: Subscription, receiver: Subscription, now_s: float
) -> tuple[TargetSubscriptionErrorCode, ...]:
    """Return all reasons why an existing subscription cannot receive the licenses."""
    found = []
    if not receiver.is_active:
        found.append(TargetSubscriptionErrorCode.SUBSCRIPTION_NOT_ACTIVE)
    if now_s - receiver.cancellable_from_s < CANCELLATION_WINDOW_S:
        found.append(TargetSubscriptionErrorCode.SUBSCRIPTION_IN_CANCELLATION_WINDOW)
    if TERM_MONTHS[receiver.term] < TERM_MONTHS[source.term]:
        found.append(TargetSubscriptionErrorCode.TERM_DURATION_SHORTER)
    if receiver.ends_s < source.ends_s:
        found.append(TargetSubscriptionErrorCode.TERM_END_EARLIER)
    return tuple(found)


def list_events(transition: Transition, now_s: float, timings: Timings) -> list[TransitionEvent]:
    """List the events so far, oldest first."""
    events = [TransitionEvent("Conversion", "Started", transition.created_s)]
    converted_s = transition.created_s + timings.conversion_s
    if transition.never_ends or now_s < converted_s:
        return events
    if transition.conversion_fails:
        return [*events, TransitionEvent("Conversion", "Failed", converted_s)]
    events = [*events, TransitionEvent("Conversion", "Completed", converted_s)]
    if not transition.moves_licenses:
        return events
    events.append(TransitionEvent("LicenseReassignment", "Started", converted_s))
    reassigned_s = converted_s + timings.reassignment_s
    if now_s >= reassigned_s:
        status = "Failed" if transition.reassignment_fails else "Completed"
        events.append(TransitionEvent("LicenseReassignment", status, reassigned_s))
    return events


def is_running(transition: Transition, now_s: float, timings: Timings) -> bool:
    """Whether the transition is in progress; while it is, another one is rejected."""
    return list_events(transition, now_s, timings)[-1].status == "Started"


def advance(customer: Customer, now_s: float, timings: Timings) -> None:
    """Apply the conversions that have completed by now."""
    for transition in chain.from_iterable(customer.transitions.values()):
        if transition.is_applied:
            continue
        if any(each.status == "Completed" for each in list_events(transition, now_s, timings)):
            _apply(customer, transition, transition.created_s + timings.conversion_s)
            transition.is_applied = True


def _find_transfer_problems(
    customer: Customer, source: Subscription, target: Product, context: UpgradeContext
) -> list[TransitionErrorCode]:
    found = []
    if customer.has_active(CommerceFamily.NEW_COMMERCE, target.key):
        found.append(TransitionErrorCode.CONFLICTING_SERVICE_TYPES)
    if not customer.allows_delegated_access:
        found.append(TransitionErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED)
    if not customer.has_granular_admin and source.commerce_family is CommerceFamily.LEGACY_LICENSE:
        found.append(TransitionErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS)
    if not context.is_user:
        found.append(TransitionErrorCode.USER_CONTEXT_REQUIRED)
    return found


def _list_receivers(
    customer: Customer, source: Subscription, target: Product, context: UpgradeContext
) -> tuple[ReceiverEligibility, ...]:
    return tuple(
        ReceiverEligibility(each, find_receiver_problems(source, each, context.now_s))
        for each in customer.subscriptions.values()
        if each.commerce_family is CommerceFamily.NEW_COMMERCE
        and each.item == target.key
        and each.id != source.id
    )


def _apply(customer: Customer, transition: Transition, done_s: float) -> None:
    source = customer.subscriptions[transition.from_id]
    if transition.to_id is None:
        source.item, source.availability_id = transition.to_item, transition.to_availability_id
        source.term, source.cycle = transition.term, transition.cycle
        source.is_trial = False  # a trial is converted by a transition
        source.version += 1
        return
    _add_licenses(customer, source, transition, done_s)
    source.quantity -= transition.quantity
    source.version += 1
    if source.quantity == 0:
        source.quantity = transition.quantity
        legacy = source.commerce_family is CommerceFamily.LEGACY_LICENSE
        source.status = SubscriptionStatus.SUSPENDED if legacy else SubscriptionStatus.DELETED


def _add_licenses(
    customer: Customer, source: Subscription, transition: Transition, done_s: float
) -> None:
    receiver_id = transition.to_id or source.id
    receiver = customer.subscriptions.get(receiver_id)
    if receiver is not None:
        receiver.quantity += transition.quantity
        receiver.remove_schedule()
        receiver.version += 1
        return
    customer.subscriptions[receiver_id] = replace(
        source,
        id=receiver_id,
        order_id=receiver_id.replace("-", "")[:12],
        commerce_family=CommerceFamily.NEW_COMMERCE,
        item=transition.to_item,
        availability_id=transition.to_availability_id,
        quantity=transition.quantity,
        created_s=done_s,
        provisioned_s=done_s,
        status=SubscriptionStatus.ACTIVE,
        term=transition.term,
        cycle=transition.cycle,
        trait=Trait.NONE,
        version=1,
        # A subscription that is split off inherits the cancellation window of its source.
        window_opened_s=source.cancellable_from_s,
        scheduled_change=None,
        scheduled_actions=(),
    )
