"""The fields that name what a subscription is to, in either catalog.

They return the loader's future without awaiting it, as they are often selected for many
subscriptions.
"""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from schema import arguments
from schema.arguments import Locale
from schema.availability import Availability
from schema.context import Info
from schema.directives import AVAILABILITY, CUSTOMER_OFFERS, ONE_CALL
from schema.keys import DEFAULT_LOCALE, AvailabilityKey, OfferKey, SkuKey
from schema.offer import Offer
from schema.product import Product, Sku
from schema.subscription_fields import SubscriptionFields

SourceCountry = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "The market whose catalog is read: an ISO 3166 code of two letters. Defaults to the"
            " country in the subscription's links to its offer or product, or to `US`."
        )
    ),
]


@strawberry.type
class SubscriptionCatalogFields(SubscriptionFields):
    """The fields of `CustomerSubscription` that read a catalog."""

    market_offer: strawberry.Private[OfferKey | None] = None
    catalog_item: strawberry.Private[AvailabilityKey | None] = None

    @strawberry.field(
        description=(
            "The offer in the legacy catalog. Null for new commerce, whose items are"
            " not in that catalog. The offers of a customer's subscriptions share"
            " their calls."
        ),
        graphql_type=Offer | None,
        directives=CUSTOMER_OFFERS,
    )
    def offer(
        self,
        info: Info,
        country: SourceCountry = None,
        locale: Locale = DEFAULT_LOCALE,
    ) -> Awaitable[Offer | None] | None:
        own = self.market_offer
        if own is None:
            return None
        key = OfferKey(own.offer_id, arguments.parse_market(country or own.market.country, locale))
        return info.context.loaders.offer.load(key)

    @strawberry.field(
        description=(
            "The product in the new commerce catalog. Null for legacy subscriptions. Costs one"
            " call for each product that is not cached."
        ),
        graphql_type=Product | None,
        directives=ONE_CALL,
    )
    def product(
        self, info: Info, country: SourceCountry = None, locale: Locale = DEFAULT_LOCALE
    ) -> Awaitable[Product | None] | None:
        sku = _find_sku(self.catalog_item, country, locale)
        return None if sku is None else info.context.loaders.product.load(sku.product)

    @strawberry.field(
        description=(
            "The SKU in the new commerce catalog, which names what the customer has today. Null"
            " for legacy subscriptions. Costs one call for each SKU that is not cached."
        ),
        graphql_type=Sku | None,
        directives=ONE_CALL,
    )
    def sku(
        self, info: Info, country: SourceCountry = None, locale: Locale = DEFAULT_LOCALE
    ) -> Awaitable[Sku | None] | None:
        sku = _find_sku(self.catalog_item, country, locale)
        return None if sku is None else info.context.loaders.sku.load(sku)

    @strawberry.field(
        description=(
            "The availability from which a new commerce subscription was bought, with its terms."
            " If its id was reissued, the one on sale now, if there is exactly one. Null for"
            " legacy subscriptions. Costs one or two calls for each subscription."
        ),
        graphql_type=Availability | None,
        directives=AVAILABILITY,
    )
    def availability(
        self, info: Info, country: SourceCountry = None, locale: Locale = DEFAULT_LOCALE
    ) -> Awaitable[Availability | None] | None:
        item, sku = self.catalog_item, _find_sku(self.catalog_item, country, locale)
        if item is None or sku is None:
            return None
        key = AvailabilityKey(sku, item.availability_id)
        return info.context.loaders.availability.load(key)


def _find_sku(item: AvailabilityKey | None, country: str | None, locale: str) -> SkuKey | None:
    if item is None:
        return None
    market = arguments.parse_market(country or item.sku.market.country, locale)
    return SkuKey(item.sku.product_id, item.sku.sku_id, market)
