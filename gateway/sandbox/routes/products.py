"""The catalog of new commerce, by country or by customer (CONTRACT 4.28 to 4.31)."""

from typing import Final

from gateway.sandbox.bodies import products
from gateway.sandbox.bodies.envelope import Body, build_collection, build_link
from gateway.sandbox.catalog import Product
from gateway.sandbox.errors import VendorError, malformed_value_error
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.world import World

SEGMENTS: Final = ("commercial", "education", "government", "nonprofit")
FORBIDDEN_SEGMENT: Final = "government"
"""The segment to which the partner of the sandbox may not sell."""


def get_product(world: World, request: HandlerRequest) -> HandlerResponse:
    country = _parse_country(world, request)
    return _respond(products.build_product(_list_skus(world, request)[0], country), request)


def get_sku(world: World, request: HandlerRequest) -> HandlerResponse:
    country = _parse_country(world, request)
    return _respond(products.build_sku(_find_sku(world, request), world.catalog, country), request)


def list_availabilities(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return the availability of a SKU; none after the end of sale and for other segments."""
    country = _parse_country(world, request)
    record, segment = _find_sku(world, request), request.query.get("targetsegment", "").lower()
    if segment and segment not in SEGMENTS:
        raise malformed_value_error("targetSegment", segment, f"one of {', '.join(SEGMENTS)}")
    if segment == FORBIDDEN_SEGMENT:
        raise VendorError(403, 400030, f"The segment {segment} is not available to the partner.")
    is_listed = record.is_for_sale and segment in {"", "commercial"}
    items = [_build_availability(world, request, record, country)] if is_listed else []
    uri = f"/products/{record.product_id}/skus/{record.sku_id}/availabilities?country={country}"
    return _respond(build_collection(items, {"self": build_link(uri)}), request)


def get_availability(world: World, request: HandlerRequest) -> HandlerResponse:
    """Return the current availability of a SKU. Ids before the last reissue are unknown."""
    country = _parse_country(world, request)
    record, availability_id = _find_sku(world, request), request.path["availability"]
    current_id = world.catalog.get_availability_id(record, request.now_s)
    if not record.is_for_sale or availability_id.lower() != current_id.lower():
        raise VendorError(404, 400019, f"Availability {availability_id} was not found.")
    return _respond(_build_availability(world, request, record, country), request)


def _parse_country(world: World, request: HandlerRequest) -> str:
    """Read the country of the query, or that of the customer in the path."""
    if "customer" in request.path:
        return world.get_customer(request.path["customer"], request.now_s).profile.country
    return request.parse_market().country


def _list_skus(world: World, request: HandlerRequest) -> list[Product]:
    product_id = request.path["product"]
    found = world.catalog.list_skus(product_id)
    if not found:
        raise VendorError(404, 400013, f"Product {product_id} was not found.")
    return found


def _find_sku(world: World, request: HandlerRequest) -> Product:
    sku_id = request.path["sku"]
    found = [each for each in _list_skus(world, request) if each.sku_id.lower() == sku_id.lower()]
    if not found:
        raise VendorError(404, 400018, f"SKU {sku_id} was not found.")
    return found[0]


def _build_availability(
    world: World, request: HandlerRequest, record: Product, country: str
) -> Body:
    current_id = world.catalog.get_availability_id(record, request.now_s)
    return products.build_availability(record, current_id, world.catalog, country)


def _respond(body: Body, request: HandlerRequest) -> HandlerResponse:
    """Respond with the locale and the tracing ids twice (Q44). The titles are English (G33)."""
    locale = request.parse_locale()
    return HandlerResponse(body, headers={"X-Locale": f"{locale},{locale}"}, repeats_ids=True)
