"""Promotions for which a customer is eligible (CONTRACT 4.21)."""

from typing import Any

from gateway.sandbox.bodies.envelope import Body, build_attributes, build_collection
from gateway.sandbox.errors import VendorError, invalid_input_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.promotions import PromotionEligibility, list_eligibilities
from gateway.sandbox.world import World


def verify_promotions(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return one item for each item of the request: with all promotions or the requested one."""
    world.get_customer(request.path["customer"], request.now_s)
    items = request.parse_json().get("items")
    if not isinstance(items, list) or not items:
        raise invalid_input_error("items is missing")
    return HandlerResponse(build_collection([_build_item(world, each) for each in items]))


def _build_item(world: World, item: Any) -> Body:
    """Build the result for an item with member names in lower case."""
    if not isinstance(item, dict):
        raise invalid_input_error("an item is not an object")
    item_id, quantity = str(item.get("catalogitemid", "")), item.get("quantity")
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise invalid_input_error("quantity is missing or not a whole number")
    product_id, _, rest = item_id.partition(":")
    product = world.catalog.find_sku(product_id, rest.partition(":")[0])
    if product is None:
        raise VendorError(404, 400018, f"Catalog item {item_id} was not found.")
    term, promotion_id = str(item.get("termduration", "")).upper(), item.get("promotionid")
    found = list_eligibilities(product, term, quantity, world.catalog)
    body: Body = {"id": item["id"]} if "id" in item else {}
    return body | {
        "catalogItemId": item_id,
        "quantity": quantity,
        "termDuration": term,
        "billingCycle": item.get("billingcycle"),
        "eligibilities": [
            _build_eligibility(each)
            for each in found
            if not promotion_id or each.promotion.id.lower() == str(promotion_id).lower()
        ],
        "attributes": build_attributes("PromotionEligibilities"),
    }


def _build_eligibility(found: PromotionEligibility) -> Body:
    errors = [{"type": kind, "description": text} for kind, text in found.errors]
    body: Body = {"promotionId": found.promotion.id, "isEligible": not errors}
    return body | {"errors": errors} if errors else body
