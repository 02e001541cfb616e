"""`ProductUpgradesEligibility` and `ProductUpgradesStatus` (CONTRACT 5.3)."""

from gateway.sandbox.bodies.envelope import Body
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Timings
from gateway.sandbox.product_upgrades import (
    FAILURE_CODE,
    FAILURE_TEXT,
    ProductUpgradeEligibility,
    compute_completion_time_s,
    compute_state,
)
from gateway.sandbox.records import ProductUpgrade, ProductUpgradeState
from gateway.sandbox.timestamps import Timestamp


def build_eligibility(
    eligibility: ProductUpgradeEligibility, customer_id: str, product_family: str
) -> Body:
    """Build the response of the eligibility call (CONTRACT 4.9). It has no `attributes`."""
    body: Body = {
        "customerId": customer_id,
        "isEligible": eligibility.is_eligible,
        "productFamily": product_family,
    }
    if eligibility.upgrade_id is not None:
        body["upgradeId"] = eligibility.upgrade_id
    if eligibility.reason is not None:
        body["reason"] = eligibility.reason
    return body


def build_status(
    upgrade: ProductUpgrade, product_family: str, now_s: float, timings: Timings
) -> Body:
    """Build the response of the status call (4.11): one line item for each Azure subscription."""
    state = compute_state(upgrade, now_s, timings)
    body: Body = {
        "id": upgrade.id,
        "status": state.value,
        "productFamily": product_family,
        "lineItems": [
            _build_line(upgrade, source_id, state, timings) for source_id in upgrade.source_ids
        ],
    }
    if state is ProductUpgradeState.FAILED:
        body["errorDetails"] = _build_error_details()
    return body


def _build_line(
    upgrade: ProductUpgrade, source_id: str, state: ProductUpgradeState, timings: Timings
) -> Body:
    line: Body = {"sourceProduct": {"id": source_id, "name": "AzureSubscription"}}
    if state is ProductUpgradeState.COMPLETED:
        plan_id = guid("plan-line", upgrade.plan_id, source_id)
        line["targetProduct"] = {"id": plan_id, "name": "Microsoft Azure plan"}
        line["upgradedDate"] = Timestamp(compute_completion_time_s(upgrade, timings), digits=7)
    line["status"] = state.value
    if state is ProductUpgradeState.FAILED:
        line["errorDetails"] = _build_error_details()
    return line


def _build_error_details() -> Body:
    return {"code": FAILURE_CODE, "message": FAILURE_TEXT}
