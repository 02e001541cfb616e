"""Upgrades of legacy subscriptions (CONTRACT 4.7, 4.8)."""

from typing import Any

from gateway.sandbox import audited_writes, upgrades
from gateway.sandbox.bodies import upgrades as bodies
from gateway.sandbox.bodies.envelope import build_collection
from gateway.sandbox.catalog import Market
from gateway.sandbox.enums import SubscriptionStatus, UpgradeType
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.records import Customer
from gateway.sandbox.world import World


def list_upgrades(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return every target once for each upgrade type, eligible or not."""
    customer, source = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    market = Market(customer.profile.country, request.parse_locale())
    context = _read_context(world, request)
    items = [
        bodies.build_upgrade(
            target,
            upgrade_type,
            upgrades.find_problems(customer, source, target, upgrade_type, context),
            source.quantity,
            world.catalog,
            market,
        )
        for target in upgrades.list_targets(source, world.catalog)
        for upgrade_type in upgrades.UPGRADE_TYPES
    ]
    return HandlerResponse(build_collection(items))


def perform_upgrade(world: World, request: HandlerRequest) -> HandlerResponse:
    """Purchase the target. A refusal is also a 200, with the reasons (G4)."""
    customer, source = world.get_subscription(
        request.path["customer"], request.path["subscription"], request.now_s
    )
    upgrade_request = _parse_request(request.parse_json())
    _check_request(world, customer, upgrade_request)
    world.save(customer)
    context = _read_context(world, request)
    outcome = upgrades.perform(customer, source, upgrade_request, world.catalog, context)
    if outcome.target is not None:
        world.upgrades_performed[source.id] += 1
        world.request_ids[outcome.target.id] = request.headers.get("ms-requestid", "").lower()
    upgrades.retire_source(outcome, SubscriptionStatus[world.options.source_after_upgrade.upper()])
    audited_writes.record_upgrade(world, request, customer, outcome)
    return HandlerResponse(bodies.build_upgrade_result(outcome))


def _read_context(world: World, request: HandlerRequest) -> upgrades.UpgradeContext:
    delay_s = world.options.timings.provisioning_s
    return upgrades.UpgradeContext(request.caller.is_user, request.now_s, delay_s)


def _parse_request(body: dict[str, Any]) -> upgrades.UpgradeRequest:
    """Read the target, type and quantity of an `Upgrade`. Other members are ignored (G5)."""
    target = body.get("targetoffer")
    offer_id = target.get("id") if isinstance(target, dict) else None
    if not isinstance(offer_id, str) or not offer_id:
        raise invalid_input_error("targetOffer.id is missing")
    quantity = body.get("quantity")
    if quantity is not None and (isinstance(quantity, bool) or not isinstance(quantity, int)):
        raise invalid_input_error("quantity is not a whole number")
    return upgrades.UpgradeRequest(offer_id, _parse_upgrade_type(body.get("upgradetype")), quantity)


def _parse_upgrade_type(value: object) -> UpgradeType:
    name = str(value).replace("_", "").lower()
    for each in upgrades.UPGRADE_TYPES:
        if name in {str(each.number), each.pascal.lower()}:
            return each
    raise invalid_input_error("upgradeType must be upgrade_only or upgrade_with_license_transfer")


def _check_request(
    world: World, customer: Customer, upgrade_request: upgrades.UpgradeRequest
) -> None:
    """Raise VendorError for what is not reported in the body of a 200."""
    if not customer.has_accepted_agreement:
        raise VendorError(403, 13605, "The customer has not accepted the customer agreement.")
    offer = world.catalog.find_offer(upgrade_request.offer_id)
    if offer is None or upgrade_request.quantity is None:
        return
    if not 1 <= upgrade_request.quantity <= offer.maximum:
        text = f"The quantity must be between 1 and {offer.maximum}."
        raise VendorError(400, 2002, text)
