"""The legacy catalog of a country or customer (CONTRACT 4.12 to 4.15)."""

from collections.abc import Sequence
from typing import Final

from gateway.sandbox.bodies import offers
from gateway.sandbox.bodies.envelope import build_collection, build_link
from gateway.sandbox.catalog import Market, Offer
from gateway.sandbox.errors import VendorError
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import is_guid
from gateway.sandbox.world import World

DEFAULT_SIZE: Final = 100


def list_offers(world: World, request: HandlerRequest) -> HandlerResponse:
    return _list_page(
        world, request, request.parse_market(), f"/v1/offers?country={request.query['country']}"
    )


def list_customer_offers(world: World, request: HandlerRequest) -> HandlerResponse:
    profile = world.get_customer(request.path["customer"], request.now_s).profile
    market = Market(profile.country, request.parse_locale())
    return _list_page(world, request, market, f"/v1/customers/{profile.id}/offers?")


def get_offer(world: World, request: HandlerRequest) -> HandlerResponse:
    market = request.parse_market()
    return HandlerResponse(
        offers.build_offer(_find_offer(world, request, market), world.catalog, market)
    )


def list_offer_add_ons(world: World, request: HandlerRequest) -> HandlerResponse:
    market = request.parse_market()
    offer = _find_offer(world, request, market)
    found = [each for each in world.catalog.list_add_ons(offer) if each.is_sold_in(market.country)]
    base_uri = f"/v1/offers/{offer.id}/addons?country={market.country}"
    return _build_page(world, request, market, found, base_uri)


def list_offer_categories(world: World, request: HandlerRequest) -> HandlerResponse:
    return _list_categories(world, request.parse_market())


def list_customer_offer_categories(world: World, request: HandlerRequest) -> HandlerResponse:
    profile = world.get_customer(request.path["customer"], request.now_s).profile
    return _list_categories(world, Market(profile.country, request.parse_locale()))


def _list_page(
    world: World, request: HandlerRequest, market: Market, base_uri: str
) -> HandlerResponse:
    category = request.query.get("offer_category_id", "").lower()
    found = [
        each
        for each in world.catalog.offers.values()
        if each.is_sold_in(market.country) and category in {"", each.category_id.lower()}
    ]
    if category:
        base_uri = f"{base_uri}&offer_category_id={category}"
    return _build_page(world, request, market, found, base_uri)


def _build_page(
    world: World, request: HandlerRequest, market: Market, found: Sequence[Offer], base_uri: str
) -> HandlerResponse:
    offset = request.parse_whole_number("offset", 0)
    size = request.parse_whole_number("size", DEFAULT_SIZE) or DEFAULT_SIZE
    links = {"self": build_link(f"{base_uri}&offset={offset}&size={size}")}
    if offset + size < len(found):
        links["next"] = build_link(f"{base_uri}&offset={offset + size}&size={size}")
    if offset:
        links["previous"] = build_link(f"{base_uri}&offset={max(0, offset - size)}&size={size}")
    page = found[offset : offset + size]
    return HandlerResponse(
        build_collection([offers.build_offer(each, world.catalog, market) for each in page], links)
    )


def _find_offer(world: World, request: HandlerRequest, market: Market) -> Offer:
    offer_id = request.path["offer"]
    found = world.catalog.find_offer(offer_id)
    if found is not None:
        if found.is_sold_in(market.country):
            return found
        text = f"Offer {found.id} is not available in country {market.country}."
        raise VendorError(400, 800070, text)
    if world.catalog.list_skus(offer_id.partition(":")[0]):
        raise VendorError(400, 2100, "The id belongs to a product. Use the products API.")
    if is_guid(offer_id) or offer_id.lower().startswith("ms-azr-"):
        raise VendorError(404, 1000, f"Offer {offer_id} was not found.")
    raise VendorError(400, 800004, f"'{offer_id}' is not an offer id.")


def _list_categories(world: World, market: Market) -> HandlerResponse:
    found = world.catalog.categories.values()
    return HandlerResponse(
        build_collection([offers.build_category(each, market) for each in found])
    )
