"""Pure decisions about transitions: what the vendor has done (CONTRACT 4.17, 10.3)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gateway.families.source_rules import find_subscription, with_offer
from gateway.families.transition_targets import is_target
from gateway.operations.model.steps import Baseline, UpstreamProgress, Verdict
from resolvers.orders import TransitionOrder
from schema.customer_subscription import CustomerSubscription
from schema.subscription_terms import SubscriptionStatus
from schema.transition import Transition, TransitionEventName, TransitionEventStatus

# A transition that wrongly counts as failed would be bought again, so COMPLETED ranks highest.
_ADVANCEMENT: Final = (
    TransitionEventStatus.IN_PROGRESS,
    TransitionEventStatus.FAILED,
    TransitionEventStatus.COMPLETED,
)


def judge_progress(made: Transition, order: TransitionOrder) -> UpstreamProgress:
    """Return the progress that the transition's events show: conversion, then move of licenses.

    A whole transition in place always moves licenses, a partial one only on request (CONTRACT
    10.3).
    """
    conversion = _latest_status(made, TransitionEventName.CONVERSION)
    if conversion is TransitionEventStatus.FAILED:
        return UpstreamProgress.FAILED
    if conversion is not TransitionEventStatus.COMPLETED:
        return UpstreamProgress.RUNNING
    move = _latest_status(made, TransitionEventName.LICENSE_REASSIGNMENT)
    if move is TransitionEventStatus.FAILED:
        return UpstreamProgress.DONE_WITH_LICENSE_ERRORS
    is_expected = order.moves_licenses or made.to_subscription_id is None
    is_over = move is TransitionEventStatus.COMPLETED or (move is None and not is_expected)
    return UpstreamProgress.DONE if is_over else UpstreamProgress.RUNNING


def _latest_status(made: Transition, name: TransitionEventName) -> TransitionEventStatus | None:
    """Return the status of the newest event; events are listed in any order.

    Of events at the same time, or if one has no time, it is the most advanced status.
    """
    events = [event for event in made.events if event.name is name]
    times = [event.timestamp for event in events if event.timestamp is not None]
    if len(times) == len(events) and times:
        events = [event for event in events if event.timestamp == max(times)]
    statuses = [event.status or TransitionEventStatus.UNKNOWN for event in events]
    return max(statuses, key=_advancement, default=None)


def _advancement(status: TransitionEventStatus) -> int:
    return _ADVANCEMENT.index(status) if status in _ADVANCEMENT else -1


def judge_transitions(
    order: TransitionOrder, baseline: Baseline, made: Sequence[Transition]
) -> tuple[Verdict, Transition | None]:
    """Decide from the source's list of transitions whether the order took effect.

    It did if there is exactly one new transition to the target, which is returned too.
    """
    ids = {
        each.operation_id.lower()
        for each in made
        if each.operation_id and is_target(each.to_catalog_item_id, order)
    }
    new_ids = ids.difference(baseline.known_ids)
    if len(new_ids) != 1:
        return (Verdict.UNCLEAR if new_ids else Verdict.NOT_DONE), None
    return Verdict.DONE, find_transition(made, new_ids.pop())


def judge_subscriptions(
    order: TransitionOrder, baseline: Baseline, held: Sequence[CustomerSubscription]
) -> tuple[Verdict, str | None]:
    """Decide from the customer's subscriptions whether an order with a legacy source took effect.

    It did if there is one new subscription to the target, and the source has only the remaining
    licenses: a transition of all licenses puts it out of service. The new id is returned too. A
    transition into an existing subscription creates none, so only an unchanged source is
    conclusive.
    """
    source = find_subscription(held, order.source.subscription_id)
    active = source if source and source.status is SubscriptionStatus.ACTIVE else None
    new_ids = [
        str(s.id)
        for s in with_offer(held, order.to_catalog_item_id)
        if s.id.lower() not in baseline.known_ids and order.to_subscription_id is None
    ]
    if len(new_ids) == 1 and _has_given_licenses(order, baseline, active):
        return Verdict.DONE, new_ids[0]
    before = baseline.source_quantity
    is_unchanged = active is not None and before in {None, active.quantity}
    return (Verdict.NOT_DONE if is_unchanged and not new_ids else Verdict.UNCLEAR), None


def _has_given_licenses(
    order: TransitionOrder, baseline: Baseline, active: CustomerSubscription | None
) -> bool:
    """Return whether the source lacks the ordered licenses. `active` is None out of service."""
    remaining = (baseline.source_quantity or 0) - order.quantity
    if active is None:
        return remaining <= 0
    return remaining > 0 and active.quantity == remaining


def find_transition(made: Sequence[Transition], operation_id: str) -> Transition | None:
    """Return the transition with this id. The vendor's list may repeat it; events are merged."""
    same = [each for each in made if (each.operation_id or "").lower() == operation_id.lower()]
    if len(same) <= 1:
        return same[0] if same else None
    return replace(
        same[0],
        to_subscription_id=next(filter(None, (each.to_subscription_id for each in same)), None),
        events=[event for each in same for event in each.events],
    )


def created_subscription(order: TransitionOrder, made: Transition) -> str | None:
    """Return the id of the subscription that a transition created.

    Returns None if it changes the source itself, or moves licenses into an existing subscription.
    """
    return made.to_subscription_id if order.to_subscription_id is None else None


def failure_message(made: Transition) -> str | None:
    errors = (error for event in made.events for error in event.errors)
    return next((error.description for error in errors if error.description), None)
