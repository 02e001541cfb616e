"""The content of the sample customer whose subscriptions show every case of a renewal."""

from typing import Final

from gateway.sandbox.catalog import Catalog
from gateway.sandbox.customer_builder import CustomerBuilder
from gateway.sandbox.enums import BillingCycle
from gateway.sandbox.records import ScheduledAction, ScheduledChange, Subscription, Trait
from gateway.sandbox.timestamps import DAY_S

_PENDING_DAYS: Final = -1.0
_SOON_DAYS: Final = 3.0


def add_every_renewal(builder: CustomerBuilder, catalog: Catalog) -> None:
    """Add a subscription for every case of a renewal.

    The renewals can be changed, are scheduled, are pending, or will not take place.
    """
    _add(builder, "m365-e3")
    scheduled = _add(builder, "business-basic")
    scheduled.scheduled_change = _change_to("business-standard", scheduled, catalog)
    unapplied = _add(builder, "exchange-p1", trait=Trait.SCHEDULED_CHANGE_NOT_APPLIED)
    unapplied.scheduled_change = _change_to("exchange-p2", unapplied, catalog)
    _add(builder, "o365-e1").auto_renew = False
    _add(builder, "apps-enterprise", _PENDING_DAYS, trait=Trait.RENEWAL_NEVER_ENDS)
    builder.add_new_commerce("business-premium-trial", term="P1M")
    cancelled = _add(builder, "o365-f3")
    cancelled.auto_renew = False
    cancelled.scheduled_actions = (ScheduledAction("TermEnd", "Cancel"),)
    changed = _add(builder, "o365-e3")
    changed.scheduled_actions = (
        ScheduledAction(
            "TermEnd", "RenewToNewTerm", change=_change_to("o365-e5", changed, catalog)
        ),
    )
    builder.add_new_commerce("ems-e3", term="P1M")


def _add(
    builder: CustomerBuilder, key: str, days: float = _SOON_DAYS, *, trait: Trait = Trait.NONE
) -> Subscription:
    """Add a subscription for a year that ends in `days`."""
    added = builder.add_new_commerce(key, trait=trait)
    added.cycle = BillingCycle.MONTHLY
    shift_s = builder.now_s + days * DAY_S - added.ends_s
    added.created_s += shift_s
    added.provisioned_s += shift_s
    added.ends_s += shift_s
    return added


def _change_to(key: str, source: Subscription, catalog: Catalog) -> ScheduledChange:
    target = catalog.products[key]
    return ScheduledChange(key, target.availability_id, "Monthly", "P1Y", source.quantity)
