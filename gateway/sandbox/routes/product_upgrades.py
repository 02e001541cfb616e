"""Product upgrades: three POSTs with the same body (CONTRACT 4.9 to 4.11)."""

from typing import Final

from gateway.sandbox import product_upgrades
from gateway.sandbox.bodies import product_upgrades as bodies
from gateway.sandbox.errors import VendorError, invalid_input
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid, is_guid
from gateway.sandbox.records import Account, ProductUpgrade
from gateway.sandbox.world import World

AZURE: Final = "azure"


def get_eligibility(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Whether the customer's Azure subscriptions can be moved."""
    account, family = _read_target(world, ask)
    found = product_upgrades.check_eligibility(account, ask.now_s, world.options.timings)
    return HandlerResponse(bodies.eligibility(found, account.profile.id, family))


def create(world: World, ask: HandlerRequest) -> HandlerResponse:
    """Begin; 202 without a body, and a Location that is not quite an address (Q7, G10)."""
    account, _ = _read_target(world, ask)
    product_upgrades.create(account, ask.now_s, world.options.timings)
    limit = world.options.max_azure_plans
    if limit is not None and world.azure_plans_ordered >= limit:
        raise VendorError(400, 900116, f"A sandbox has at most {limit} Azure plans.")
    world.save(account)
    owner, ordinal = account.profile.id, len(account.product_upgrades)
    fresh = ProductUpgrade(
        id=guid("product-upgrade", owner, ordinal, ask.now_s),
        created_s=ask.now_s,
        plan_id=guid("azure-plan", owner, ordinal),
        source_ids=tuple(each.id for each in account.azure()),
        fails=account.next_upgrade_fails,
    )
    account.next_upgrade_fails = False
    account.product_upgrades.append(fresh)
    world.upgrades_performed[owner] += 1
    world.azure_plans_ordered += 1
    return HandlerResponse(status=202, headers={"Location": f"productUpgrades/{fresh.id}"})


def get_status(world: World, ask: HandlerRequest) -> HandlerResponse:
    """How far an upgrade has come."""
    account, family = _read_target(world, ask)
    found = product_upgrades.find(account, ask.path["upgrade"])
    return HandlerResponse(bodies.status(found, family, ask.now_s, world.options.timings))


def _read_target(world: World, ask: HandlerRequest) -> tuple[Account, str]:
    body = ask.json()
    customer_id, family = body.get("customerid"), body.get("productfamily")
    if not isinstance(customer_id, str) or not is_guid(customer_id):
        raise VendorError(400, 900118, "The customer id must be a GUID.")
    if not isinstance(family, str) or not family:
        raise invalid_input("productFamily is missing")
    if family.lower() != AZURE:
        raise VendorError(400, 900126, f"'{family}' is not a product family; Azure is.")
    return world.account(customer_id, ask.now_s), family
