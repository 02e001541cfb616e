"""`ProductUpgradesEligibility` and `ProductUpgradesStatus` (CONTRACT 5.3)."""

from gateway.sandbox.bodies.envelope import Body
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Timings
from gateway.sandbox.product_upgrades import (
    FAILURE_CODE,
    FAILURE_TEXT,
    Eligibility,
    completion_time_s,
    compute_state,
)
from gateway.sandbox.records import ProductUpgrade, ProductUpgradeState
from gateway.sandbox.timestamps import Instant


def eligibility(found: Eligibility, customer_id: str, family: str) -> Body:
    """The answer to 4.9, which has no attributes."""
    body: Body = {
        "customerId": customer_id,
        "isEligible": found.is_eligible,
        "productFamily": family,
    }
    if found.upgrade_id is not None:
        body["upgradeId"] = found.upgrade_id
    if found.reason is not None:
        body["reason"] = found.reason
    return body


def status(upgrade: ProductUpgrade, family: str, now_s: float, timings: Timings) -> Body:
    """The answer to 4.11, one line for each Azure subscription."""
    state = compute_state(upgrade, now_s, timings)
    body: Body = {
        "id": upgrade.id,
        "status": state.value,
        "productFamily": family,
        "lineItems": [
            _line(upgrade, source_id, state, timings) for source_id in upgrade.source_ids
        ],
    }
    if state is ProductUpgradeState.FAILED:
        body["errorDetails"] = _error_details()
    return body


def _line(
    upgrade: ProductUpgrade, source_id: str, state: ProductUpgradeState, timings: Timings
) -> Body:
    line: Body = {"sourceProduct": {"id": source_id, "name": "AzureSubscription"}}
    if state is ProductUpgradeState.COMPLETED:
        plan_id = guid("plan-line", upgrade.plan_id, source_id)
        line["targetProduct"] = {"id": plan_id, "name": "Microsoft Azure plan"}
        line["upgradedDate"] = Instant(completion_time_s(upgrade, timings), digits=7)
    line["status"] = state.value
    if state is ProductUpgradeState.FAILED:
        line["errorDetails"] = _error_details()
    return line


def _error_details() -> Body:
    return {"code": FAILURE_CODE, "message": FAILURE_TEXT}
