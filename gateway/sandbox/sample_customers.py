"""The first customers of every world, shaped by hand so that every case of the API can be shown."""

from collections.abc import Callable
from typing import Final

from gateway.sandbox.catalog import Catalog
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.population import CustomerBuilder
from gateway.sandbox.records import ProductUpgradeState, Trait
from gateway.sandbox.timestamps import DAY_S

_HOUR_S: Final = 3600.0

Shape = Callable[[CustomerBuilder, Catalog], None]


def _every_upgrade_error(draft: CustomerBuilder, _: Catalog) -> None:
    """Every refusal that lies in the subscription, next to upgrades that are open."""
    draft.legacy("o365-e1", cycle=BillingCycle.MONTHLY)
    draft.legacy("business-essentials", cycle=BillingCycle.MONTHLY)
    draft.legacy("exchange-p1", trait=Trait.USERS_CANNOT_MOVE, cycle=BillingCycle.ANNUAL)
    draft.legacy("aad-p1", status=SubscriptionStatus.SUSPENDED)
    draft.legacy("intune", status=SubscriptionStatus.DELETED)
    parent = draft.legacy("o365-f1", cycle=BillingCycle.ANNUAL)
    draft.add_on(parent, "archiving")
    draft.legacy("powerapps-p1", is_provisioned=False)
    draft.legacy("project-professional", cycle=BillingCycle.MONTHLY)
    draft.legacy("visio-p1", trait=Trait.UPGRADE_REFUSED)
    draft.legacy("m365-e5")
    draft.legacy("d365-plan")
    draft.legacy("d365-sales", cycle=BillingCycle.MONTHLY)
    draft.legacy("flow-p1", cycle=BillingCycle.ANNUAL)
    draft.legacy("flow-p2", cycle=BillingCycle.ANNUAL)
    draft.modern("business-standard")
    draft.modern("o365-e3", term="P1M")
    draft.azure()


def _every_transition_state(draft: CustomerBuilder, _: Catalog) -> None:
    """Conversions and reassignments that run, are done and have failed."""
    draft.modern("o365-e1", term="P1Y")
    done = draft.modern("business-basic")
    draft.transition(done, "business-standard", age_s=2 * DAY_S)
    running = draft.modern("m365-f1")
    draft.transition(running, "m365-f3", age_s=_HOUR_S, is_endless=True)
    failed = draft.modern("ems-e3", trait=Trait.CONVERSION_FAILS)
    draft.transition(failed, "ems-e5", age_s=_HOUR_S)
    half = draft.modern("exchange-p1", trait=Trait.REASSIGNMENT_FAILS)
    draft.transition(half, "exchange-p2", age_s=_HOUR_S)
    draft.modern("o365-e3", term="P1Y")
    draft.modern("o365-e3", term="P1M")
    draft.modern("o365-e3", status=SubscriptionStatus.SUSPENDED)
    draft.modern("business-premium", status=SubscriptionStatus.DELETED)
    draft.modern("apps-business", status=SubscriptionStatus.EXPIRED)
    draft.modern("apps-enterprise", is_provisioned=False)
    draft.modern("visio-p2")
    draft.legacy("o365-e1")


def _without_delegated_admin(draft: CustomerBuilder, _: Catalog) -> None:
    draft.account.allows_delegated_access = False
    draft.legacy("o365-e1")
    draft.modern("o365-e1")
    draft.azure()
    draft.product_upgrade(ProductUpgradeState.IN_PROGRESS)


def _without_granular_admin(draft: CustomerBuilder, _: Catalog) -> None:
    draft.account.has_granular_admin = False
    draft.legacy("o365-e3")
    draft.azure()
    draft.azure()
    draft.product_upgrade(ProductUpgradeState.COMPLETED)


def _failed_product_upgrade(draft: CustomerBuilder, _: Catalog) -> None:
    draft.azure()
    draft.product_upgrade(ProductUpgradeState.FAILED)


def _pending_product_upgrade(draft: CustomerBuilder, _: Catalog) -> None:
    draft.azure()
    draft.product_upgrade(ProductUpgradeState.PENDING)


def _ready_for_the_azure_plan(draft: CustomerBuilder, _: Catalog) -> None:
    draft.azure()
    draft.azure()


def _suspended_azure(draft: CustomerBuilder, _: Catalog) -> None:
    draft.azure(status=SubscriptionStatus.SUSPENDED)


def _young_azure(draft: CustomerBuilder, _: Catalog) -> None:
    draft.azure(age_days=0)


def _without_agreement(draft: CustomerBuilder, _: Catalog) -> None:
    draft.account.has_accepted_agreement = False
    draft.azure()
    draft.legacy("business-essentials")


def _without_azure(draft: CustomerBuilder, _: Catalog) -> None:
    draft.legacy("business-premium")


def _azure_upgrade_will_fail(draft: CustomerBuilder, _: Catalog) -> None:
    draft.account.next_upgrade_fails = True
    draft.azure()


def _all_legacy(draft: CustomerBuilder, catalog: Catalog) -> None:
    """Twenty license subscriptions to as many offers."""
    upgradable = [key for key in catalog.sellable if catalog.offers[key].upgrades]
    for key in upgradable[:20]:
        draft.legacy(key)


def _four_offers(draft: CustomerBuilder, _: Catalog) -> None:
    """Twenty license subscriptions to four offers."""
    for key in ("o365-e1", "exchange-p1", "business-essentials", "aad-basic") * 5:
        draft.legacy(key)


SHAPES: Final[tuple[tuple[str, str, Shape], ...]] = (
    ("Contoso Ltd.", "US", _every_upgrade_error),
    ("Fabrikam, Inc.", "US", _every_transition_state),
    ("Northwind Traders GmbH", "DE", _without_delegated_admin),
    ("Adventure Works Cycles", "US", _without_granular_admin),
    ("Wide World Importers", "US", _failed_product_upgrade),
    ("Tailspin Toys", "US", _ready_for_the_azure_plan),
    ("Litware, Inc.", "US", _suspended_azure),
    ("Proseware, Inc.", "US", _young_azure),
    ("Woodgrove Bank AG", "DE", _without_agreement),
    ("Alpine Ski House", "DE", _without_azure),
    ("Trey Research", "US", _azure_upgrade_will_fail),
    ("Margie's Travel", "US", _pending_product_upgrade),
    ("Coho Winery", "US", _all_legacy),
    ("Graphic Design Institute", "US", _four_offers),
)
"""Company name, country and content; the position is the customer's index."""

CONTOSO, FABRIKAM, NORTHWIND, ADVENTURE_WORKS, WIDE_WORLD, TAILSPIN, LITWARE = range(7)
PROSEWARE, WOODGROVE, ALPINE, TREY, MARGIES, COHO, GRAPHIC = range(7, 14)
