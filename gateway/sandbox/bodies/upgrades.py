"""`Upgrade`, `UpgradeResult` and the errors in them (CONTRACT 5.2)."""

from gateway.sandbox.bodies.envelope import Body, build_attributes
from gateway.sandbox.bodies.offers import build_offer
from gateway.sandbox.catalog import Catalog, Market, Offer
from gateway.sandbox.enums import EnumNumber, UpgradeType
from gateway.sandbox.errors import build_error_body
from gateway.sandbox.upgrades import UpgradeOutcome, UpgradeProblem, UserLicenseError


def build_upgrade(
    target: Offer,
    upgrade_type: UpgradeType,
    problems: tuple[UpgradeProblem, ...],
    quantity: int,
    catalog: Catalog,
    market: Market,
) -> Body:
    """Build an item of the list of upgrades. It has one for each target and type (G6)."""
    return {
        "targetOffer": build_offer(target, catalog, market),
        "upgradeType": upgrade_type,
        "isEligible": not problems,
        "quantity": quantity,
        "upgradeErrors": [_build_error(each) for each in problems],
        "attributes": build_attributes("Upgrade"),
    }


def build_upgrade_result(outcome: UpgradeOutcome) -> Body:
    """Build the response to an upgrade. It has no target if nothing was bought (G4)."""
    body: Body = {"sourceSubscriptionId": outcome.source.id}
    if outcome.target is not None:
        body["targetSubscriptionId"] = outcome.target.id
    return body | {
        "upgradeType": EnumNumber(outcome.upgrade_type),
        "upgradeErrors": [_build_error(each) for each in outcome.problems],
        "licenseErrors": [_build_license_error(each) for each in outcome.license_errors],
        "attributes": build_attributes("UpgradeResult"),
    }


def _build_error(problem: UpgradeProblem) -> Body:
    body: Body = {"code": EnumNumber(problem.code), "description": problem.description}
    if problem.details is not None:
        body["additionalDetails"] = problem.details
    body["attributes"] = build_attributes("UpgradeError")
    return body


def _build_license_error(user: UserLicenseError) -> Body:
    quota_error = build_error_body(
        60012,
        "We are sorry, it looks like you have run out of licenses. "
        "Buy more licenses, and then try again.",
        (f"LicenseQuotaExceededException : no license is left for {user.object_id}.",),
    )
    return {
        "userObjectId": user.object_id,
        "name": user.name,
        "email": user.email,
        "errors": [quota_error],
        "attributes": build_attributes("UserLicenseError"),
    }
