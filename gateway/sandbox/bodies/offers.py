"""`Offer` and `OfferCategory` in the locale of the request (CONTRACT 5.4)."""

from typing import Final

from gateway.sandbox.bodies.envelope import Body, build_attributes, build_link
from gateway.sandbox.catalog import Catalog, Category, Market, Offer
from gateway.sandbox.enums import BillingType
from gateway.sandbox.identity import guid

PARTNER_ID: Final = "3c95518e-8c37-41e3-9627-0ca339200f53"
_CONCURRENT_LIMIT: Final = 1


def build_category(record: Category, market: Market) -> Body:
    return {
        "id": record.id,
        "name": record.names[market.locale],
        "rank": record.rank,
        "locale": market.locale.lower(),
        "country": market.country,
        "attributes": build_attributes("OfferCategory"),
    }


def build_offer(record: Offer, catalog: Catalog, market: Market) -> Body:
    name = record.names[market.locale]
    unit = "Usage-based" if record.is_usage else "Licenses"
    return {
        "id": record.id,
        "name": name,
        "description": record.descriptions[market.locale],
        "minimumQuantity": 1,
        "maximumQuantity": record.maximum,
        "rank": record.rank,
        "uri": f"/{PARTNER_ID}/Offers/{record.id}",
        "locale": market.locale,
        "country": market.country,
        "category": _build_category_of(record, catalog, market),
        "prerequisiteOffers": [catalog.offers[key].id for key in record.prerequisites],
        "isAddOn": record.is_add_on,
        "hasAddOns": bool(catalog.list_add_ons(record)),
        "isAvailableForPurchase": "withdrawn" not in record.flags,
        "billing": BillingType.USAGE if record.is_usage else BillingType.LICENSE,
        "supportedBillingCycles": list(record.cycles),
        "isAutoRenewable": not record.is_usage,
        "isTrial": "trial" in record.flags,
        "isInternal": "internal" in record.flags,
        "upgradeTargetOffers": [catalog.offers[key].id for key in record.upgrades],
        "conversionTargetOffers": [],
        "partnerQualifications": ["none"],
        "reselleeQualifications": [],
        "resellerQualifications": [],
        "salesGroupId": "1",
        "product": {"id": guid("product", record.key), "name": name, "unit": unit},
        "unitType": unit,
        "links": {
            "learnMore": build_link(f"http://g.microsoftonline.com/0BXPS00en/{1000 + record.rank}"),
            "self": build_link(f"/offers/{record.id}?country={market.country}"),
        },
        "attributes": build_attributes("Offer"),
        **_build_limit(record),
    }


def _build_limit(record: Offer) -> Body:
    if "concurrent" not in record.flags:
        return {}
    return {"limitUnitOfMeasure": "Concurrent", "limit": _CONCURRENT_LIMIT}


def _build_category_of(record: Offer, catalog: Catalog, market: Market) -> Body:
    found = catalog.categories.get(record.category_id)
    if found is None:  # add-ons have a category of empty texts in the samples (Q18)
        empty = Category("", 0, {market.locale: ""})
        return build_category(empty, market)
    return build_category(found, market)
