"""Product upgrades. All three operations are POSTs of the same body (CONTRACT 4.9 to 4.11)."""

from typing import Final

from gateway.sandbox import product_upgrades
from gateway.sandbox.bodies import product_upgrades as bodies
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import guid, is_guid
from gateway.sandbox.records import Customer, ProductUpgrade
from gateway.sandbox.world import World

AZURE: Final = "azure"


def get_eligibility(world: World, request: HandlerRequest) -> HandlerResponse:
    customer, product_family = _parse_target(world, request)
    found = product_upgrades.check_eligibility(customer, request.now_s, world.options.timings)
    return HandlerResponse(bodies.build_eligibility(found, customer.profile.id, product_family))


def create_product_upgrade(world: World, request: HandlerRequest) -> HandlerResponse:
    """Create an upgrade.

    The response is a 202 without a body, with a relative Location (Q7, G10).
    """
    customer, _ = _parse_target(world, request)
    product_upgrades.check_creation(customer, request.now_s, world.options.timings)
    limit = world.options.max_azure_plans
    if limit is not None and world.azure_plans_ordered >= limit:
        raise VendorError(400, 900116, f"A sandbox has at most {limit} Azure plans.")
    world.save(customer)
    customer_id, ordinal = customer.profile.id, len(customer.product_upgrades)
    upgrade = ProductUpgrade(
        id=guid("product-upgrade", customer_id, ordinal, request.now_s),
        created_s=request.now_s,
        plan_id=guid("azure-plan", customer_id, ordinal),
        source_ids=tuple(each.id for each in customer.list_legacy_azure()),
        fails=customer.next_upgrade_fails,
    )
    customer.next_upgrade_fails = False
    customer.product_upgrades.append(upgrade)
    world.upgrades_performed[customer_id] += 1
    world.azure_plans_ordered += 1
    return HandlerResponse(status=202, headers={"Location": f"productUpgrades/{upgrade.id}"})


def get_status(world: World, request: HandlerRequest) -> HandlerResponse:
    customer, product_family = _parse_target(world, request)
    found = product_upgrades.find_upgrade(customer, request.path["upgrade"])
    return HandlerResponse(
        bodies.build_status(found, product_family, request.now_s, world.options.timings)
    )


def _parse_target(world: World, request: HandlerRequest) -> tuple[Customer, str]:
    body = request.parse_json()
    customer_id, product_family = body.get("customerid"), body.get("productfamily")
    if not isinstance(customer_id, str) or not is_guid(customer_id):
        raise VendorError(400, 900118, "The customer id must be a GUID.")
    if not isinstance(product_family, str) or not product_family:
        raise invalid_input_error("productFamily is missing")
    if product_family.lower() != AZURE:
        raise VendorError(
            400, 900126, f"'{product_family}' is not a product family; expected Azure."
        )
    return world.get_customer(customer_id, request.now_s), product_family
