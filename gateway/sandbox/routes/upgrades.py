"""Upgrades of legacy subscriptions (CONTRACT 4.7, 4.8)."""

from typing import Any

from gateway.sandbox import upgrades
from gateway.sandbox.bodies import upgrades as bodies
from gateway.sandbox.bodies.envelope import collection
from gateway.sandbox.catalog import Market
from gateway.sandbox.enums import SubscriptionStatus, UpgradeType
from gateway.sandbox.errors import VendorError, invalid_input
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.records import Account
from gateway.sandbox.world import World


def list_upgrades(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Every target with both upgrade types, possible or not."""
    account, source = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    market = Market(account.profile.country, ask.locale())
    around = _read_context(world, ask)
    items = [
        bodies.upgrade(
            target,
            upgrade_type,
            upgrades.find_problems(account, source, target, upgrade_type, around),
            source.quantity,
            world.catalog,
            market,
        )
        for target in upgrades.list_targets(source, world.catalog)
        for upgrade_type in upgrades.UPGRADE_TYPES
    ]
    return HandlerResponse(collection(items))


def perform_upgrade(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Buy the target, or say in a 200 why not (G4)."""
    account, source = world.subscription(ask.path["customer"], ask.path["subscription"], ask.now_s)
    wish = _parse_request(ask.json())
    _check(world, account, wish)
    world.save(account)
    around = _read_context(world, ask)
    outcome = upgrades.perform(account, source, wish, world.catalog, around)
    if outcome.target is not None:
        world.upgrades_performed[source.id] += 1
        world.request_ids[outcome.target.id] = ask.headers.get("ms-requestid", "").lower()
    upgrades.retire(outcome, SubscriptionStatus[world.options.source_after_upgrade.upper()])
    return HandlerResponse(bodies.result(outcome))


def _read_context(world: World, ask: HandlerRequest) -> upgrades.UpgradeContext:
    delay_s = world.options.timings.provisioning_s
    return upgrades.UpgradeContext(ask.principal.is_user, ask.now_s, delay_s)


def _parse_request(body: dict[str, Any]) -> upgrades.UpgradeRequest:
    """Read an Upgrade as the vendor's clients send it; other members are re-evaluated (G5)."""
    target = body.get("targetoffer")
    offer_id = target.get("id") if isinstance(target, dict) else None
    if not isinstance(offer_id, str) or not offer_id:
        raise invalid_input("targetOffer.id is missing")
    quantity = body.get("quantity")
    if quantity is not None and (isinstance(quantity, bool) or not isinstance(quantity, int)):
        raise invalid_input("quantity is not a whole number")
    return upgrades.UpgradeRequest(offer_id, _upgrade_type(body.get("upgradetype")), quantity)


def _upgrade_type(value: object) -> UpgradeType:
    name = str(value).replace("_", "").lower()
    for each in upgrades.UPGRADE_TYPES:
        if name in {str(each.number), each.pascal.lower()}:
            return each
    raise invalid_input("upgradeType must be upgrade_only or upgrade_with_license_transfer")


def _check(world: World, account: Account, wish: upgrades.UpgradeRequest) -> None:
    """What is refused with an HTTP error, whatever the subscription's state."""
    if not account.has_accepted_agreement:
        raise VendorError(403, 13605, "The customer has not accepted the customer agreement.")
    offer = world.catalog.offer_by_id(wish.offer_id)
    if offer is None or wish.quantity is None:
        return
    if not 1 <= wish.quantity <= offer.maximum:
        text = f"The quantity must be between 1 and {offer.maximum}."
        raise VendorError(400, 2002, text)
