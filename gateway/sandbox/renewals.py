"""Renewals of new commerce subscriptions at the end of their term (CONTRACT 10.4).

    scheduled -> renewing (from 00:00 UTC of the day after the end) -> a new term

A renewal is computed from the records and the time; `advance` applies the completed ones.
"""

from typing import Final

from gateway.sandbox.catalog import Catalog
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.options import RenewalOptions, ScheduledActionsForm
from gateway.sandbox.records import (
    CommerceFamily,
    Customer,
    ScheduledAction,
    ScheduledChange,
    Subscription,
    Trait,
)
from gateway.sandbox.timestamps import DAY_S, midnight, parse_date_s

TERM_DAYS: Final = {"P1M": 30, "P1Y": 365, "P3Y": 1096}


def is_renewing(source: Subscription, now_s: float) -> bool:
    """Whether the renewal is in progress. Call `advance` before, which ends renewals."""
    return _can_end(source) and now_s >= compute_start_s(source)


def compute_start_s(source: Subscription) -> float:
    """Return when the renewal starts. The end date is the term's last day."""
    return midnight(source.ends_s).epoch_s + DAY_S


def advance(customer: Customer, catalog: Catalog, now_s: float, options: RenewalOptions) -> None:
    """Apply the renewals that have completed by now. Without auto-renewal, subscriptions expire."""
    for each in customer.subscriptions.values():
        while is_renewing(each, now_s):
            if not _renews(each, options):
                _expire(each)
                break
            completed_s = compute_start_s(each) + options.processing_s
            if Trait.RENEWAL_NEVER_ENDS in each.trait or now_s < completed_s:
                break
            _renew(each, catalog, completed_s, options)


def get_change(source: Subscription, catalog: Catalog) -> ScheduledChange | None:
    """Return the scheduled change. A trial always has one: to its paid equivalent, for a year."""
    if source.scheduled_change is not None or not source.is_trial or not source.is_active:
        return source.scheduled_change
    paid = catalog.products[catalog.products[source.item].upgrades[0]]
    return ScheduledChange(paid.key, paid.availability_id, "Monthly", "P1Y", source.quantity)


def _can_end(source: Subscription) -> bool:
    return source.commerce_family is CommerceFamily.NEW_COMMERCE and source.is_active


def _renews(source: Subscription, options: RenewalOptions) -> bool:
    actions = _get_actions(source, options)
    return source.auto_renew and not any(each.action_type == "Cancel" for each in actions)


def _expire(source: Subscription) -> None:
    source.status = SubscriptionStatus.EXPIRED
    source.remove_schedule()
    source.version += 1


def _renew(
    source: Subscription, catalog: Catalog, completed_s: float, options: RenewalOptions
) -> None:
    start_s, change = compute_start_s(source), get_change(source, catalog)
    if actions := _get_actions(source, options):
        change = actions[0].change  # they win over the older member (Q34)
    is_applied = options.applies_changes and Trait.SCHEDULED_CHANGE_NOT_APPLIED not in source.trait
    if change is not None and is_applied:
        source.item, source.availability_id = change.item, change.availability_id
        source.quantity = change.quantity
        source.term = change.term.upper()
        source.cycle = BillingCycle[change.cycle.upper()]
    source.is_trial = False
    source.ends_s = start_s + (TERM_DAYS[source.term] - 1) * DAY_S
    source.custom_end_date = None
    if change is not None and is_applied and change.custom_end_date:
        source.custom_end_date = change.custom_end_date
        source.ends_s = parse_date_s(change.custom_end_date)
    source.window_opened_s = completed_s
    source.remove_schedule()
    source.version += 1


def _get_actions(source: Subscription, options: RenewalOptions) -> tuple[ScheduledAction, ...]:
    is_off = options.scheduled_actions is ScheduledActionsForm.OFF
    return () if is_off else source.scheduled_actions
