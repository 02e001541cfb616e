"""Ids of sample customers and their subscriptions, each named after its case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.sandbox import sample_customers
from gateway.sandbox.catalog import Catalog
from gateway.sandbox.enums import SubscriptionStatus
from gateway.sandbox.records import CommerceFamily, Customer, Subscription, Trait


@dataclass(frozen=True, slots=True)
class Examples:
    """The ids of sample data. Only `foreign_customer_id` and `removed_customer_id` do not exist."""

    customer_id: str
    """Has eligible upgrades, and ineligible ones with each reason that a subscription can cause."""
    upgradable_subscription_id: str
    """Has three targets. Two are eligible, one is not eligible with license transfer."""
    upgrade_target_offer_id: str
    """An eligible target of the upgradable subscription."""
    suspended_subscription_id: str
    subscription_with_add_ons_id: str
    add_on_subscription_id: str
    unprovisioned_subscription_id: str
    license_errors_subscription_id: str
    """Its upgrade with license transfer fails for some users."""
    pathless_subscription_id: str
    transition_customer_id: str
    """Has new commerce subscriptions with transitions in every state."""
    new_commerce_subscription_id: str
    """Can be transitioned, and has no transition yet."""
    transition_target_item_id: str
    """An eligible target of that subscription."""
    transitioned_subscription_id: str
    running_transition_subscription_id: str
    failed_transition_subscription_id: str
    failed_reassignment_subscription_id: str
    renewal_customer_id: str
    """Has new commerce subscriptions with every case of a renewal."""
    renewable_subscription_id: str
    """Any change can be scheduled. It has targets that are only possible at renewal."""
    scheduled_subscription_id: str
    """A change is scheduled."""
    unapplied_change_subscription_id: str
    """Its renewal will not apply the scheduled change."""
    without_auto_renew_subscription_id: str
    renewing_subscription_id: str
    """Its renewal is pending and never ends."""
    trial_subscription_id: str
    cancel_action_subscription_id: str
    """Its `scheduledActions`, if they are switched on, cancel it at the end of the term."""
    renew_action_subscription_id: str
    """Its `scheduledActions`, if they are switched on, change it at the renewal."""
    azure_customer_id: str
    """Its product upgrade can be requested and will succeed."""
    azure_subscription_id: str
    running_product_upgrade_customer_id: str
    running_product_upgrade_id: str
    pending_product_upgrade_customer_id: str
    pending_product_upgrade_id: str
    completed_product_upgrade_customer_id: str
    completed_product_upgrade_id: str
    failed_product_upgrade_customer_id: str
    failed_product_upgrade_id: str
    failing_azure_customer_id: str
    """Its product upgrade can be requested and will fail."""
    suspended_azure_customer_id: str
    young_azure_customer_id: str
    without_azure_customer_id: str
    without_agreement_customer_id: str
    without_delegated_admin_customer_id: str
    without_granular_admin_customer_id: str
    legacy_customer_id: str
    """Twenty license subscriptions to twenty offers."""
    four_offers_customer_id: str
    """Twenty license subscriptions to four offers."""
    offer_id: str
    add_on_offer_id: str
    us_only_offer_id: str
    foreign_customer_id: str
    """Never belonged to the partner: 403."""
    removed_customer_id: str
    """Belonged to the partner once: 404."""


def find_examples(
    customers: Sequence[Customer], catalog: Catalog, *, removed_id: str, foreign_id: str
) -> Examples:
    """Find the ids in the sample customers, which must be in the order of their indexes."""
    ids = [customer.profile.id for customer in customers]
    contoso, fabrikam = customers[sample_customers.CONTOSO], customers[sample_customers.FABRIKAM]
    add_on = _find_first(contoso, lambda each: each.parent_id is not None)
    return Examples(
        customer_id=ids[sample_customers.CONTOSO],
        upgradable_subscription_id=_find_id_by_item(contoso, "o365-e1"),
        upgrade_target_offer_id=catalog.offers["o365-e3"].id,
        suspended_subscription_id=_find_first(
            contoso, lambda each: each.status is SubscriptionStatus.SUSPENDED
        ).id,
        subscription_with_add_ons_id=str(add_on.parent_id),
        add_on_subscription_id=add_on.id,
        unprovisioned_subscription_id=_find_id_by_item(contoso, "powerapps-p1"),
        license_errors_subscription_id=_find_first(
            contoso, lambda each: Trait.USERS_CANNOT_MOVE in each.trait
        ).id,
        pathless_subscription_id=_find_id_by_item(contoso, "m365-e5"),
        transition_customer_id=ids[sample_customers.FABRIKAM],
        new_commerce_subscription_id=_find_id_by_item(fabrikam, "o365-e1"),
        transition_target_item_id=catalog.products["o365-e3"].id,
        transitioned_subscription_id=_find_id_by_item(fabrikam, "business-basic"),
        running_transition_subscription_id=_find_id_by_item(fabrikam, "m365-f1"),
        failed_transition_subscription_id=_find_id_by_item(fabrikam, "ems-e3"),
        failed_reassignment_subscription_id=_find_id_by_item(fabrikam, "exchange-p1"),
        renewal_customer_id=ids[sample_customers.FOURTH_COFFEE],
        **_find_renewal_ids(customers[sample_customers.FOURTH_COFFEE]),
        azure_customer_id=ids[sample_customers.TAILSPIN],
        azure_subscription_id=customers[sample_customers.TAILSPIN].list_legacy_azure()[0].id,
        running_product_upgrade_customer_id=ids[sample_customers.NORTHWIND],
        running_product_upgrade_id=_get_product_upgrade_id(customers[sample_customers.NORTHWIND]),
        pending_product_upgrade_customer_id=ids[sample_customers.MARGIES],
        pending_product_upgrade_id=_get_product_upgrade_id(customers[sample_customers.MARGIES]),
        completed_product_upgrade_customer_id=ids[sample_customers.ADVENTURE_WORKS],
        completed_product_upgrade_id=_get_product_upgrade_id(
            customers[sample_customers.ADVENTURE_WORKS]
        ),
        failed_product_upgrade_customer_id=ids[sample_customers.WIDE_WORLD],
        failed_product_upgrade_id=_get_product_upgrade_id(customers[sample_customers.WIDE_WORLD]),
        failing_azure_customer_id=ids[sample_customers.TREY],
        suspended_azure_customer_id=ids[sample_customers.LITWARE],
        young_azure_customer_id=ids[sample_customers.PROSEWARE],
        without_azure_customer_id=ids[sample_customers.ALPINE],
        without_agreement_customer_id=ids[sample_customers.WOODGROVE],
        without_delegated_admin_customer_id=ids[sample_customers.NORTHWIND],
        without_granular_admin_customer_id=ids[sample_customers.ADVENTURE_WORKS],
        legacy_customer_id=ids[sample_customers.COHO],
        four_offers_customer_id=ids[sample_customers.GRAPHIC],
        offer_id=catalog.offers["o365-e1"].id,
        add_on_offer_id=catalog.offers["archiving"].id,
        us_only_offer_id=catalog.offers["rms-gov"].id,
        foreign_customer_id=foreign_id,
        removed_customer_id=removed_id,
    )


def _find_renewal_ids(customer: Customer) -> dict[str, str]:
    items = {
        "renewable": "m365-e3",
        "scheduled": "business-basic",
        "unapplied_change": "exchange-p1",
        "without_auto_renew": "o365-e1",
        "renewing": "apps-enterprise",
        "trial": "business-premium-trial",
        "cancel_action": "o365-f3",
        "renew_action": "o365-e3",
    }
    return {
        f"{name}_subscription_id": _find_id_by_item(customer, item) for name, item in items.items()
    }


def _find_first(customer: Customer, predicate: Callable[[Subscription], bool]) -> Subscription:
    return next(each for each in customer.subscriptions.values() if predicate(each))


def _find_id_by_item(customer: Customer, item: str) -> str:
    families = {CommerceFamily.LEGACY_LICENSE, CommerceFamily.NEW_COMMERCE}
    return _find_first(
        customer, lambda each: each.item == item and each.commerce_family in families
    ).id


def _get_product_upgrade_id(customer: Customer) -> str:
    return customer.product_upgrades[0].id
