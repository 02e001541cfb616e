"""Conversions of subscriptions to new commerce products (CONTRACT 10.3).

    Conversion Started -> Completed | Failed
    then LicenseReassignment Started -> Completed | Failed

States follow from the records and the time; `settle` changes the account when time has come.
"""

from dataclasses import dataclass, replace
from typing import Final

from gateway.sandbox.catalog import Catalog, Product
from gateway.sandbox.enums import (
    SubscriptionStatus,
    TargetSubscriptionErrorCode,
    TransitionErrorCode,
)
from gateway.sandbox.options import Timings
from gateway.sandbox.records import Account, Family, Subscription, Trait, Transition
from gateway.sandbox.upgrades import UpgradeContext

TRANSITION_TYPES: Final = ("transition_only", "transition_with_license_transfer")
TERM_MONTHS: Final = {"": 0, "P1M": 1, "P1Y": 12, "P3Y": 36}
CANCELLATION_WINDOW_S: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a transition."""

    name: str
    status: str
    at_s: float


@dataclass(frozen=True, slots=True)
class TypeEligibility:
    """Whether a target can be reached by one transition type."""

    transition_type: str
    problems: tuple[TransitionErrorCode, ...]


@dataclass(frozen=True, slots=True)
class SeatEligibility:
    """Whether an existing subscription can receive the seats."""

    subscription: Subscription
    problems: tuple[TargetSubscriptionErrorCode, ...]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A product that the subscription could become."""

    product: Product
    quantity: int
    types: tuple[TypeEligibility, ...]
    receivers: tuple[SeatEligibility, ...] | None


def list_targets(source: Subscription, catalog: Catalog) -> list[Product]:
    """The products that the subscription can become; a legacy one also becomes its own heir."""
    heir = catalog.products.get(source.item)
    if heir is None or source.family not in {Family.LEGACY, Family.MODERN}:
        return []
    upgrades = [catalog.products[key] for key in heir.upgrades]
    return [heir, *upgrades] if source.family is Family.LEGACY else upgrades


def list_eligibilities(
    account: Account,
    source: Subscription,
    catalog: Catalog,
    around: UpgradeContext,
    *,
    is_scheduled: bool = False,
) -> list[Eligibility]:
    """Answer 4.16, one item for each target."""
    return [
        Eligibility(
            product=product,
            quantity=source.quantity,
            types=tuple(
                TypeEligibility(each, find_problems(account, source, product, each, around))
                for each in TRANSITION_TYPES
            ),
            receivers=None if is_scheduled else _receivers(account, source, product, around),
        )
        for product in list_targets(source, catalog)
    ]


def find_problems(
    account: Account,
    source: Subscription,
    target: Product,
    transition_type: str,
    around: UpgradeContext,
) -> tuple[TransitionErrorCode, ...]:
    """Every reason against the transition; empty when it is possible now."""
    found = []
    if not source.is_active:
        found.append(TransitionErrorCode.SUBSCRIPTION_STATUS_NOT_ACTIVE)
    if around.now_s < source.provisioned_s:
        found.append(TransitionErrorCode.SUBSCRIPTION_NOT_PROVISIONED)
    if any(each.is_active for each in account.add_ons_of(source)):
        found.append(TransitionErrorCode.SUBSCRIPTION_ADD_ONS_PRESENT)
    if transition_type == TRANSITION_TYPES[1]:
        found.extend(_transfer_problems(account, source, target, around))
    return tuple(found)


def find_receiver_problems(
    source: Subscription, receiver: Subscription, now_s: float
) -> tuple[TargetSubscriptionErrorCode, ...]:
    """Every reason why an existing subscription cannot receive the source's seats."""
    found = []
    if not receiver.is_active:
        found.append(TargetSubscriptionErrorCode.SUBSCRIPTION_NOT_ACTIVE)
    if now_s - receiver.created_s < CANCELLATION_WINDOW_S:
        found.append(TargetSubscriptionErrorCode.SUBSCRIPTION_IN_CANCELLATION_WINDOW)
    if TERM_MONTHS[receiver.term] < TERM_MONTHS[source.term]:
        found.append(TargetSubscriptionErrorCode.TERM_DURATION_SHORTER)
    if receiver.ends_s < source.ends_s:
        found.append(TargetSubscriptionErrorCode.TERM_END_EARLIER)
    return tuple(found)


def list_events(transition: Transition, now_s: float, timings: Timings) -> list[Event]:
    """What has happened so far, in order."""
    begun = [Event("Conversion", "Started", transition.created_s)]
    converted_s = transition.created_s + timings.conversion_s
    if transition.is_endless or now_s < converted_s:
        return begun
    if transition.conversion_fails:
        return [*begun, Event("Conversion", "Failed", converted_s)]
    done = [*begun, Event("Conversion", "Completed", converted_s)]
    if not transition.moves_licenses:
        return done
    done.append(Event("LicenseReassignment", "Started", converted_s))
    reassigned_s = converted_s + timings.reassignment_s
    if now_s >= reassigned_s:
        status = "Failed" if transition.reassignment_fails else "Completed"
        done.append(Event("LicenseReassignment", status, reassigned_s))
    return done


def is_running(transition: Transition, now_s: float, timings: Timings) -> bool:
    """Whether another transition of the same subscription has to wait."""
    return list_events(transition, now_s, timings)[-1].status == "Started"


def advance(account: Account, now_s: float, timings: Timings) -> None:
    """Move the seats of every conversion that has been completed by now."""
    for transition in [each for past in account.transitions.values() for each in past]:
        if transition.is_applied:
            continue
        if any(each.status == "Completed" for each in list_events(transition, now_s, timings)):
            _move_seats(account, transition, transition.created_s + timings.conversion_s)
            transition.is_applied = True


def _transfer_problems(
    account: Account, source: Subscription, target: Product, around: UpgradeContext
) -> list[TransitionErrorCode]:
    found = []
    if account.owns_active(Family.MODERN, target.key):
        found.append(TransitionErrorCode.CONFLICTING_SERVICE_TYPES)
    if not account.allows_delegated_access:
        found.append(TransitionErrorCode.DELEGATED_ADMIN_PERMISSIONS_DISABLED)
    if not account.has_granular_admin and source.family is Family.LEGACY:
        found.append(TransitionErrorCode.INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS)
    if not around.is_user:
        found.append(TransitionErrorCode.USER_CONTEXT_REQUIRED)
    return found


def _receivers(
    account: Account, source: Subscription, target: Product, around: UpgradeContext
) -> tuple[SeatEligibility, ...]:
    return tuple(
        SeatEligibility(each, find_receiver_problems(source, each, around.now_s))
        for each in account.subscriptions.values()
        if each.family is Family.MODERN and each.item == target.key and each.id != source.id
    )


def _move_seats(account: Account, transition: Transition, done_s: float) -> None:
    source = account.subscriptions[transition.from_id]
    if transition.to_id is None:
        source.item = transition.to_item
        source.term, source.cycle = transition.term, transition.cycle
        source.version += 1
        return
    _receive(account, source, transition, done_s)
    source.quantity -= transition.quantity
    source.version += 1
    if source.quantity == 0:
        source.quantity = transition.quantity
        legacy = source.family is Family.LEGACY
        source.status = SubscriptionStatus.SUSPENDED if legacy else SubscriptionStatus.DELETED


def _receive(account: Account, source: Subscription, transition: Transition, done_s: float) -> None:
    receiver_id = transition.to_id or source.id
    receiver = account.subscriptions.get(receiver_id)
    if receiver is not None:
        receiver.quantity += transition.quantity
        receiver.version += 1
        return
    account.subscriptions[receiver_id] = replace(
        source,
        id=receiver_id,
        order_id=receiver_id.replace("-", "")[:12],
        family=Family.MODERN,
        item=transition.to_item,
        quantity=transition.quantity,
        created_s=done_s,
        provisioned_s=done_s,
        status=SubscriptionStatus.ACTIVE,
        term=transition.term,
        cycle=transition.cycle,
        trait=Trait.NONE,
        version=1,
    )
