"""The legacy catalog (CONTRACT 4.12 to 4.15), by country or by customer."""

from collections.abc import Sequence
from typing import Final

from gateway.sandbox.bodies import offers
from gateway.sandbox.bodies.envelope import collection, link
from gateway.sandbox.catalog import Market, Offer
from gateway.sandbox.errors import VendorError
from gateway.sandbox.handler_request import HandlerRequest, HandlerResponse
from gateway.sandbox.identity import is_guid
from gateway.sandbox.world import World

DEFAULT_SIZE: Final = 100


def list_offers(world: World, ask: HandlerRequest) -> HandlerResponse:
    """A page of the offers of a country."""
    return _list_page(world, ask, ask.market(), f"/v1/offers?country={ask.query['country']}")


def list_customer_offers(world: World, ask: HandlerRequest) -> HandlerResponse:
    """A page of the offers of the customer's country."""
    profile = world.account(ask.path["customer"], ask.now_s).profile
    market = Market(profile.country, ask.locale())
    return _list_page(world, ask, market, f"/v1/customers/{profile.id}/offers?")


def get_offer(world: World, ask: HandlerRequest) -> HandlerResponse:
    """One offer."""
    market = ask.market()
    return HandlerResponse(offers.offer(_find(world, ask, market), world.catalog, market))


def list_offer_add_ons(world: World, ask: HandlerRequest) -> HandlerResponse:
    """The add-ons that a subscription to the offer can have."""
    market = ask.market()
    offer = _find(world, ask, market)
    found = [each for each in world.catalog.add_ons_of(offer) if each.is_sold_in(market.country)]
    uri = f"/v1/offers/{offer.id}/addons?country={market.country}"
    return _page(world, ask, market, found, uri)


def list_offer_categories(world: World, ask: HandlerRequest) -> HandlerResponse:
    """The categories in the language of the caller."""
    return _categories(world, ask.market())


def list_customer_offer_categories(world: World, ask: HandlerRequest) -> HandlerResponse:
    """The categories of the customer's country."""
    profile = world.account(ask.path["customer"], ask.now_s).profile
    return _categories(world, Market(profile.country, ask.locale()))


def _list_page(world: World, ask: HandlerRequest, market: Market, uri: str) -> HandlerResponse:
    category = ask.query.get("offer_category_id", "").lower()
    found = [
        each
        for each in world.catalog.offers.values()
        if each.is_sold_in(market.country) and category in {"", each.category_id.lower()}
    ]
    if category:
        uri = f"{uri}&offer_category_id={category}"
    return _page(world, ask, market, found, uri)


def _page(
    world: World, ask: HandlerRequest, market: Market, found: Sequence[Offer], uri: str
) -> HandlerResponse:
    offset = ask.whole_number("offset", 0)
    size = ask.whole_number("size", DEFAULT_SIZE) or DEFAULT_SIZE
    links = {"self": link(f"{uri}&offset={offset}&size={size}")}
    if offset + size < len(found):
        links["next"] = link(f"{uri}&offset={offset + size}&size={size}")
    if offset:
        links["previous"] = link(f"{uri}&offset={max(0, offset - size)}&size={size}")
    page = found[offset : offset + size]
    return HandlerResponse(
        collection([offers.offer(each, world.catalog, market) for each in page], links)
    )


def _find(world: World, ask: HandlerRequest, market: Market) -> Offer:
    offer_id = ask.path["offer"]
    found = world.catalog.offer_by_id(offer_id)
    if found is not None:
        if found.is_sold_in(market.country):
            return found
        text = f"Offer {found.id} is not available in country {market.country}."
        raise VendorError(400, 800070, text)
    if world.catalog.product_by_id(offer_id) is not None:
        raise VendorError(400, 2100, "The id belongs to a product; ask the products API.")
    if is_guid(offer_id) or offer_id.lower().startswith("ms-azr-"):
        raise VendorError(404, 1000, f"Offer {offer_id} was not found.")
    raise VendorError(400, 800004, f"'{offer_id}' is not an offer id.")


def _categories(world: World, market: Market) -> HandlerResponse:
    found = world.catalog.categories.values()
    return HandlerResponse(collection([offers.category(each, market) for each in found]))
