"""Updates of a subscription by PATCH (CONTRACT 4.19, 10.4)."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.sandbox import renewals, scheduled_changes
from gateway.sandbox.catalog import Catalog
from gateway.sandbox.enums import SubscriptionStatus
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.options import RenewalOptions, ScheduledActionsForm
from gateway.sandbox.records import Customer, ScheduledAction, ScheduledChange, Subscription
from gateway.sandbox.timestamps import DAY_S
from gateway.sandbox.transitions import TERM_MONTHS

CANCELLATION_WINDOW_S: Final = 7 * DAY_S
_STATUSES: Final = {
    each.value: each
    for each in (
        SubscriptionStatus.ACTIVE,
        SubscriptionStatus.SUSPENDED,
        SubscriptionStatus.DELETED,
    )
}


@dataclass(frozen=True, slots=True)
class SubscriptionUpdate:
    """The members of a subscription after an update."""

    friendly_name: str
    quantity: int
    status: SubscriptionStatus
    auto_renew: bool
    term: str
    change: ScheduledChange | None
    actions: tuple[ScheduledAction, ...]


def parse_update(
    body: dict[str, Any], source: Subscription, catalog: Catalog, options: RenewalOptions
) -> SubscriptionUpdate:
    """Parse a body with lower-case member names. Members that cannot be updated are ignored.

    A missing member keeps its value, except that a missing schedule is removed and missing
    auto-renewal is off, unless the options say otherwise (G23).
    """
    keeps = options.merges_updates
    change, actions = (source.scheduled_change, source.scheduled_actions) if keeps else (None, ())
    if "schedulednextterminstructions" in body:
        change = scheduled_changes.parse_change(body["schedulednextterminstructions"], catalog)
    knows_actions = options.scheduled_actions is not ScheduledActionsForm.OFF
    if knows_actions and "scheduledactions" in body:
        actions = scheduled_changes.parse_actions(body["scheduledactions"], catalog)
    elif not knows_actions:
        actions = source.scheduled_actions
    if change == renewals.get_change(source, catalog):
        change = source.scheduled_change  # an echo of what a trial shows schedules nothing
    if knows_actions and actions:
        change = source.scheduled_change  # only the newer member counts (Q34)
    status = str(body.get("status") or source.status.value).lower()
    return SubscriptionUpdate(
        friendly_name=str(body.get("friendlyname") or source.friendly_name),
        quantity=_parse_quantity(body.get("quantity"), source),
        status=_STATUSES.get(status, source.status),
        auto_renew=bool(body.get("autorenewenabled", source.auto_renew and keeps)),
        term=str(body.get("termduration") or source.term).upper(),
        change=change,
        actions=actions,
    )


def check_update(
    update: SubscriptionUpdate,
    customer: Customer,
    source: Subscription,
    catalog: Catalog,
    now_s: float,
) -> None:
    """Raise VendorError if the update is not possible now."""
    if renewals.is_renewing(source, now_s):
        raise scheduled_changes.renewing_error()
    if source.status is SubscriptionStatus.DELETED:
        raise VendorError(400, 800012, "The subscription is not active.")
    if TERM_MONTHS.get(update.term, -1) < TERM_MONTHS[source.term]:
        raise invalid_input_error(f"the term {update.term} is unknown or below {source.term}")
    is_in_window = now_s - source.cancellable_from_s < CANCELLATION_WINDOW_S
    if update.quantity < source.quantity and not is_in_window:
        raise VendorError(400, 800090, "Subscription quantity cannot be decreased.")
    for change in _list_new_changes(update, source):
        if not update.auto_renew:
            raise invalid_input_error("a change cannot be scheduled without autoRenewEnabled")
        scheduled_changes.check_change(change, customer, source, catalog, now_s)


def apply_update(update: SubscriptionUpdate, source: Subscription, now_s: float) -> None:
    """Apply a checked update. A mid-term change removes a change that was scheduled earlier."""
    if update.term != source.term:
        source.ends_s = now_s + renewals.TERM_DAYS[update.term] * DAY_S
    removes_schedule = is_mid_term_change(update, source)
    new_change = None if update.change == source.scheduled_change else update.change
    new_actions = () if update.actions == source.scheduled_actions else update.actions
    source.friendly_name = update.friendly_name
    source.quantity, source.status = update.quantity, update.status
    source.auto_renew, source.term = update.auto_renew, update.term
    source.scheduled_change = new_change if removes_schedule else update.change
    source.scheduled_actions = new_actions if removes_schedule else update.actions
    source.version += 1


def is_mid_term_change(update: SubscriptionUpdate, source: Subscription) -> bool:
    """Whether the update removes the scheduled change. All updates but renaming do (10.4)."""
    return (
        update.quantity != source.quantity
        or update.term != source.term
        or (source.auto_renew and not update.auto_renew)
        or (source.is_active and update.status is not SubscriptionStatus.ACTIVE)
    )


def _list_new_changes(update: SubscriptionUpdate, source: Subscription) -> list[ScheduledChange]:
    """List the changes that are not yet scheduled. One that is remains valid as it is."""
    known = {source.scheduled_change, *(each.change for each in source.scheduled_actions)}
    found = [update.change, *(each.change for each in update.actions)]
    return [each for each in found if each is not None and each not in known]


def _parse_quantity(value: object, source: Subscription) -> int:
    if value is None:
        return source.quantity
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise invalid_input_error("quantity must be a whole number from 1")
    return value
