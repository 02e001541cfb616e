"""Product upgrades: they move a customer's legacy Azure subscriptions to an Azure plan.

    (none) -> Pending -> InProgress -> Completed | Failed

The state is computed from the records and the time. Source: CONTRACT 10.2.
"""

from dataclasses import dataclass
from typing import Final

from gateway.sandbox.catalog import PLAN_KEY
from gateway.sandbox.enums import BillingCycle, SubscriptionStatus
from gateway.sandbox.errors import VendorError
from gateway.sandbox.options import Timings
from gateway.sandbox.records import (
    CommerceFamily,
    Customer,
    ProductUpgrade,
    ProductUpgradeState,
    Subscription,
)
from gateway.sandbox.timestamps import DAY_S, NEVER_S

FAILURE_CODE: Final = "900120"
FAILURE_TEXT: Final = "The upgrade cannot be processed."
_MIN_AGE_S: Final = 2 * DAY_S
_RUNNING: Final = (ProductUpgradeState.PENDING, ProductUpgradeState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class ProductUpgradeEligibility:
    """Whether the customer's products can be upgraded now, and the reason if not."""

    is_eligible: bool
    upgrade_id: str | None = None
    reason: str | None = None


def compute_state(upgrade: ProductUpgrade, now_s: float, timings: Timings) -> ProductUpgradeState:
    if upgrade.fixed_state is not None:
        return upgrade.fixed_state
    age_s = now_s - upgrade.created_s
    if age_s < timings.upgrade_pending_s:
        return ProductUpgradeState.PENDING
    if age_s < timings.upgrade_pending_s + timings.upgrade_in_progress_s:
        return ProductUpgradeState.IN_PROGRESS
    return ProductUpgradeState.FAILED if upgrade.fails else ProductUpgradeState.COMPLETED


def compute_completion_time_s(upgrade: ProductUpgrade, timings: Timings) -> float:
    return upgrade.created_s + timings.upgrade_pending_s + timings.upgrade_in_progress_s


def advance(customer: Customer, now_s: float, timings: Timings) -> None:
    """Apply completed upgrades: add the Azure plan and suspend the source subscriptions."""
    for upgrade in customer.product_upgrades:
        done = compute_state(upgrade, now_s, timings) is ProductUpgradeState.COMPLETED
        if done and not upgrade.is_applied:
            _apply(customer, upgrade, compute_completion_time_s(upgrade, timings))
            upgrade.is_applied = True


def check_eligibility(
    customer: Customer, now_s: float, timings: Timings
) -> ProductUpgradeEligibility:
    """Return the eligibility (4.9). Most errors of the creation are reasons here."""
    latest = _get_latest(customer)
    if latest is not None:
        state = compute_state(latest, now_s, timings)
        if state in _RUNNING:
            return ProductUpgradeEligibility(
                False, latest.id, "An upgrade for this customer is in progress."
            )
        if state is ProductUpgradeState.COMPLETED:
            return ProductUpgradeEligibility(
                False, latest.id, "This customer already has an Azure plan."
            )
    reason = _find_ineligibility(customer, now_s)
    latest_id = latest.id if latest else None
    if reason is not None:
        return ProductUpgradeEligibility(False, latest_id, reason.description)
    return ProductUpgradeEligibility(True, latest_id)


def check_creation(customer: Customer, now_s: float, timings: Timings) -> None:
    """Raise VendorError if a product upgrade cannot be created now (4.10)."""
    latest = _get_latest(customer)
    if latest is not None:
        state = compute_state(latest, now_s, timings)
        if state in _RUNNING:
            raise VendorError(
                409,
                900109,
                f"This upgrade isn't allowed as original upgrade {latest.id} is in progress",
            )
        if state is ProductUpgradeState.COMPLETED:
            raise VendorError(
                400, 900110, f"Can't process the upgrade request for completed upgrade {latest.id}"
            )
    reason = _find_ineligibility(customer, now_s)
    if reason is not None:
        raise reason


def find_upgrade(customer: Customer, upgrade_id: str) -> ProductUpgrade:
    """Return a product upgrade of the customer (4.11). Raises VendorError 900106 or 900111."""
    latest = _get_latest(customer)
    if latest is None:
        raise VendorError(404, 900106, "No upgrade request was found for this customer.")
    for upgrade in customer.product_upgrades:
        if upgrade.id == upgrade_id.lower():
            return upgrade
    raise VendorError(
        400,
        900111,
        f"The upgrade ID provided doesn't belong to customer {customer.profile.id}."
        f" The customer is mapped to upgrade ID {latest.id}",
    )


def _get_latest(customer: Customer) -> ProductUpgrade | None:
    return customer.product_upgrades[-1] if customer.product_upgrades else None


def _find_ineligibility(customer: Customer, now_s: float) -> VendorError | None:
    azure = customer.list_legacy_azure()
    if not azure:
        return VendorError(403, 900108, "The customer has no Azure subscriptions.")
    if any(each.status is SubscriptionStatus.SUSPENDED for each in azure):
        return VendorError(403, 900105, "Some of the customer's Azure subscriptions are suspended.")
    if any(now_s - each.created_s < _MIN_AGE_S for each in azure):
        return VendorError(403, 900130, "An Azure subscription was bought too recently.")
    if not customer.has_accepted_agreement:
        return VendorError(403, 13605, "The customer has not accepted the customer agreement.")
    return None


def _apply(customer: Customer, upgrade: ProductUpgrade, done_s: float) -> None:
    for source_id in upgrade.source_ids:
        source = customer.subscriptions[source_id]
        source.status = SubscriptionStatus.SUSPENDED
        source.version += 1
    customer.subscriptions[upgrade.plan_id] = Subscription(
        id=upgrade.plan_id,
        order_id=upgrade.id.replace("-", "")[:12],
        commerce_family=CommerceFamily.AZURE_PLAN,
        item=PLAN_KEY,
        friendly_name="Azure plan",
        quantity=1,
        created_s=done_s,
        ends_s=NEVER_S,
        cycle=BillingCycle.MONTHLY,
        provisioned_s=done_s,
    )
