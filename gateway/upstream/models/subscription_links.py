"""Links of a subscription, and the legacy offer that they name. Source: CONTRACT 5.5."""

import re
from functools import lru_cache
from typing import Final

from gateway.upstream.models.resource import WireLinks, to_attributes, to_link
from schema.keys import DEFAULT_COUNTRY, AvailabilityKey, Market, OfferKey, parse_catalog_item
from schema.subscription_fields import CustomerSubscriptionLinks

_COUNTRY: Final = re.compile(r"\bcountry=([a-z]{2})\b", re.IGNORECASE)


def to_subscription_links(wire: WireLinks | None) -> CustomerSubscriptionLinks | None:
    if wire is None:
        return None
    return CustomerSubscriptionLinks(
        self_=to_link(wire.self_),
        next=to_link(wire.next),
        previous=to_link(wire.previous),
        offer=to_link(wire.offer),
        parent_subscription=to_link(wire.parent_subscription),
        product=to_link(wire.product),
        sku=to_link(wire.sku),
        availability=to_link(wire.availability),
        activation_links=to_link(wire.activation_links),
        entitlement=to_link(wire.entitlement),
        attributes=to_attributes(wire.attributes),
    )


def find_offer(offer_id: str | None, links: WireLinks | None) -> OfferKey | None:
    """Return the legacy offer and its market. In lists, only a link may contain the offer's id."""
    linked = links.offer.uri if links and links.offer else None
    path, _, query = (linked or "").partition("?")
    found_id = offer_id or path.rpartition("/")[2]
    return OfferKey(found_id, find_market(query)) if found_id else None


def find_catalog_item(offer_id: str | None, links: WireLinks | None) -> AvailabilityKey | None:
    """Return the new commerce catalog item, and the market that one of the links may name."""
    if links is None:
        return parse_catalog_item(offer_id, Market())
    link = links.product or links.sku or links.availability
    return parse_catalog_item(offer_id, find_market(link.uri if link else None))


@lru_cache(maxsize=64)  # the links to offers have few different queries
def find_market(uri: str | None) -> Market:
    """Return the market in a link's query; the default market if it names none."""
    country = _COUNTRY.search(uri or "")
    return Market(country=country[1] if country else DEFAULT_COUNTRY)
