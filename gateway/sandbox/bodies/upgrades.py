"""`Upgrade`, `UpgradeResult` and the errors in them (CONTRACT 5.2)."""

from gateway.sandbox.bodies.envelope import Body, attributes
from gateway.sandbox.bodies.offers import offer
from gateway.sandbox.catalog import Catalog, Market, Offer
from gateway.sandbox.enums import Numbered, UpgradeType
from gateway.sandbox.errors import vendor_error
from gateway.sandbox.upgrades import StuckUser, UpgradeOutcome, UpgradeProblem


def upgrade(
    target: Offer,
    upgrade_type: UpgradeType,
    against: tuple[UpgradeProblem, ...],
    quantity: int,
    catalog: Catalog,
    market: Market,
) -> Body:
    """An item of the upgrade list: one for each target and type (G6)."""
    return {
        "targetOffer": offer(target, catalog, market),
        "upgradeType": upgrade_type,
        "isEligible": not against,
        "quantity": quantity,
        "upgradeErrors": [_problem(each) for each in against],
        "attributes": attributes("Upgrade"),
    }


def result(outcome: UpgradeOutcome) -> Body:
    """The answer to a performed upgrade; no target where nothing was bought (G4)."""
    body: Body = {"sourceSubscriptionId": outcome.source.id}
    if outcome.target is not None:
        body["targetSubscriptionId"] = outcome.target.id
    return body | {
        "upgradeType": Numbered(outcome.upgrade_type),
        "upgradeErrors": [_problem(each) for each in outcome.problems],
        "licenseErrors": [_stuck_user(each) for each in outcome.stuck_users],
        "attributes": attributes("UpgradeResult"),
    }


def _problem(problem: UpgradeProblem) -> Body:
    body: Body = {"code": Numbered(problem.code), "description": problem.text}
    if problem.details is not None:
        body["additionalDetails"] = problem.details
    body["attributes"] = attributes("UpgradeError")
    return body


def _stuck_user(user: StuckUser) -> Body:
    quota = vendor_error(
        60012,
        "We are sorry, it looks like you have run out of licenses. "
        "Buy more licenses, and then try again.",
        (f"LicenseQuotaExceededException : no license is left for {user.object_id}.",),
    )
    return {
        "userObjectId": user.object_id,
        "name": user.name,
        "email": user.email,
        "errors": [quota],
        "attributes": attributes("UserLicenseError"),
    }
