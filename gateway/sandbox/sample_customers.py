"""The first customers of every world. Together they show every case of the API."""

from collections.abc import Callable
from typing import Final

from gateway.sandbox.catalog import Catalog
from gateway.sandbox.customer_builder import CustomerBuilder
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.records import ProductUpgradeState, Trait
from gateway.sandbox.sample_renewals import add_every_renewal
from gateway.sandbox.timestamps import DAY_S

_HOUR_S: Final = 3600.0

AddContent = Callable[[CustomerBuilder, Catalog], None]


def _add_every_upgrade_error(builder: CustomerBuilder, _: Catalog) -> None:
    """Each reason against an upgrade that a subscription can cause, and eligible upgrades."""
    builder.add_legacy_license("o365-e1", cycle=BillingCycle.MONTHLY)
    builder.add_legacy_license("business-essentials", cycle=BillingCycle.MONTHLY)
    builder.add_legacy_license(
        "exchange-p1", trait=Trait.USERS_CANNOT_MOVE, cycle=BillingCycle.ANNUAL
    )
    builder.add_legacy_license("aad-p1", status=SubscriptionStatus.SUSPENDED)
    builder.add_legacy_license("intune", status=SubscriptionStatus.DELETED)
    parent = builder.add_legacy_license("o365-f1", cycle=BillingCycle.ANNUAL)
    builder.add_add_on(parent, "archiving")
    builder.add_legacy_license("powerapps-p1", is_provisioned=False)
    builder.add_legacy_license("project-professional", cycle=BillingCycle.MONTHLY)
    builder.add_legacy_license("visio-p1", trait=Trait.UPGRADE_REJECTED)
    builder.add_legacy_license("m365-e5")
    builder.add_legacy_license("d365-plan")
    builder.add_legacy_license("d365-sales", cycle=BillingCycle.MONTHLY)
    builder.add_legacy_license("flow-p1", cycle=BillingCycle.ANNUAL)
    builder.add_legacy_license("flow-p2", cycle=BillingCycle.ANNUAL)
    builder.add_new_commerce("business-standard")
    builder.add_new_commerce("o365-e3", term="P1M")
    builder.add_legacy_azure()


def _add_every_transition_state(builder: CustomerBuilder, _: Catalog) -> None:
    """Conversions and license reassignments that are running, completed and failed."""
    builder.add_new_commerce("o365-e1", term="P1Y")
    done = builder.add_new_commerce("business-basic")
    builder.add_transition(done, "business-standard", age_s=2 * DAY_S)
    running = builder.add_new_commerce("m365-f1")
    builder.add_transition(running, "m365-f3", age_s=_HOUR_S, never_ends=True)
    failed = builder.add_new_commerce("ems-e3", trait=Trait.CONVERSION_FAILS)
    builder.add_transition(failed, "ems-e5", age_s=_HOUR_S)
    failed_reassignment = builder.add_new_commerce("exchange-p1", trait=Trait.REASSIGNMENT_FAILS)
    builder.add_transition(failed_reassignment, "exchange-p2", age_s=_HOUR_S)
    builder.add_new_commerce("o365-e3", term="P1Y")
    builder.add_new_commerce("o365-e3", term="P1M")
    builder.add_new_commerce("o365-e3", status=SubscriptionStatus.SUSPENDED)
    builder.add_new_commerce("business-premium", status=SubscriptionStatus.DELETED)
    builder.add_new_commerce("apps-business", status=SubscriptionStatus.EXPIRED)
    builder.add_new_commerce("apps-enterprise", is_provisioned=False)
    builder.add_new_commerce("visio-p2")
    builder.add_legacy_license("o365-e1")


def _deny_delegated_admin(builder: CustomerBuilder, _: Catalog) -> None:
    builder.customer.allows_delegated_access = False
    builder.add_legacy_license("o365-e1")
    builder.add_new_commerce("o365-e1")
    builder.add_legacy_azure()
    builder.add_product_upgrade(ProductUpgradeState.IN_PROGRESS)


def _deny_granular_admin(builder: CustomerBuilder, _: Catalog) -> None:
    builder.customer.has_granular_admin = False
    builder.add_legacy_license("o365-e3")
    builder.add_legacy_azure()
    builder.add_legacy_azure()
    builder.add_product_upgrade(ProductUpgradeState.COMPLETED)


def _add_failed_product_upgrade(builder: CustomerBuilder, _: Catalog) -> None:
    builder.add_legacy_azure()
    builder.add_product_upgrade(ProductUpgradeState.FAILED)


def _add_pending_product_upgrade(builder: CustomerBuilder, _: Catalog) -> None:
    builder.add_legacy_azure()
    builder.add_product_upgrade(ProductUpgradeState.PENDING)


def _add_two_azure_subscriptions(builder: CustomerBuilder, _: Catalog) -> None:
    builder.add_legacy_azure()
    builder.add_legacy_azure()


def _add_suspended_azure(builder: CustomerBuilder, _: Catalog) -> None:
    builder.add_legacy_azure(status=SubscriptionStatus.SUSPENDED)


def _add_recent_azure(builder: CustomerBuilder, _: Catalog) -> None:
    builder.add_legacy_azure(age_days=0)


def _omit_customer_agreement(builder: CustomerBuilder, _: Catalog) -> None:
    builder.customer.has_accepted_agreement = False
    builder.add_legacy_azure()
    builder.add_legacy_license("business-essentials")


def _add_one_license(builder: CustomerBuilder, _: Catalog) -> None:
    builder.add_legacy_license("business-premium")


def _add_azure_whose_upgrade_fails(builder: CustomerBuilder, _: Catalog) -> None:
    builder.customer.next_upgrade_fails = True
    builder.add_legacy_azure()


def _add_twenty_offers(builder: CustomerBuilder, catalog: Catalog) -> None:
    """Twenty license subscriptions to twenty offers."""
    upgradable = [key for key in catalog.sellable_keys if catalog.offers[key].upgrades]
    for key in upgradable[:20]:
        builder.add_legacy_license(key)


def _add_four_offers(builder: CustomerBuilder, _: Catalog) -> None:
    """Twenty license subscriptions to four offers."""
    for key in ("o365-e1", "exchange-p1", "business-essentials", "aad-basic") * 5:
        builder.add_legacy_license(key)


SAMPLE_CUSTOMERS: Final[tuple[tuple[str, str, AddContent], ...]] = (
    ("Contoso Ltd.", "US", _add_every_upgrade_error),
    ("Fabrikam, Inc.", "US", _add_every_transition_state),
    ("Northwind Traders GmbH", "DE", _deny_delegated_admin),
    ("Adventure Works Cycles", "US", _deny_granular_admin),
    ("Wide World Importers", "US", _add_failed_product_upgrade),
    ("Tailspin Toys", "US", _add_two_azure_subscriptions),
    ("Litware, Inc.", "US", _add_suspended_azure),
    ("Proseware, Inc.", "US", _add_recent_azure),
    ("Woodgrove Bank AG", "DE", _omit_customer_agreement),
    ("Alpine Ski House", "DE", _add_one_license),
    ("Trey Research", "US", _add_azure_whose_upgrade_fails),
    ("Margie's Travel", "US", _add_pending_product_upgrade),
    ("Coho Winery", "US", _add_twenty_offers),
    ("Graphic Design Institute", "US", _add_four_offers),
    ("Fourth Coffee", "US", add_every_renewal),
)
"""Company name, country and content. The position is the index of the customer."""

CONTOSO, FABRIKAM, NORTHWIND, ADVENTURE_WORKS, WIDE_WORLD, TAILSPIN, LITWARE = range(7)
PROSEWARE, WOODGROVE, ALPINE, TREY, MARGIES, COHO, GRAPHIC, FOURTH_COFFEE = range(7, 15)
