"""`Product`, `Sku` and `Availability` of the catalog of new commerce (CONTRACT 5.11)."""

from typing import Final

from gateway.sandbox.bodies.envelope import Body, build_link
from gateway.sandbox.catalog import Catalog, Product
from gateway.sandbox.identity import guid, hash_parts

MAX_QUANTITY: Final = 300
_CURRENCIES: Final = {"US": ("USD", "$"), "GB": ("GBP", "£"), "CH": ("CHF", "CHF")}
_EURO: Final = ("EUR", "€")
_TERMS: Final = (
    ("P1M", "Monthly", "One-Month commitment for monthly billing"),
    ("P1Y", "Monthly", "One-Year commitment for monthly billing"),
    ("P1Y", "Annual", "One-Year commitment for yearly billing"),
    ("P3Y", "Monthly", "Three-Year commitment for monthly billing"),
    ("P3Y", "Annual", "Three-Year commitment for yearly billing"),
    ("P3Y", "Triennial", "Three-Year commitment for one payment"),
)


def build_product(record: Product, country: str) -> Body:
    uri = f"/products/{record.product_id}"
    kind = "Azure" if record.is_usage else "OnlineServicesNCE"
    return {
        "id": record.product_id,
        "title": record.title,
        "description": record.description,
        "productType": {"id": kind, "displayName": kind},
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "links": {
            "skus": build_link(f"{uri}/skus?country={country}"),
            "self": build_link(f"{uri}?country={country}"),
        },
    }


def build_sku(record: Product, catalog: Catalog, country: str) -> Body:
    uri = _build_sku_uri(record)
    targets = [catalog.products[key] for key in record.upgrades]
    return {
        "id": record.sku_id,
        "productId": record.product_id,
        "title": record.title,
        "description": record.description,
        "minimumQuantity": 1,
        "maximumQuantity": MAX_QUANTITY,
        "isTrial": record.is_trial,
        "supportedBillingCycles": ["annual", "monthly"],
        "purchasePrerequisites": ["MicrosoftCloudAgreement"],
        "inventoryVariables": [],
        "provisioningVariables": [],
        "actions": ["Refund"],
        "dynamicAttributes": {
            "isMicrosoftProduct": True,
            "hasConstraints": True,
            "isAddon": False,
            "prerequisiteSkus": [],
            "isSoftwareAssuranceApplicable": False,
            "upgradeTargetOffers": [f"{each.product_id}:{each.sku_id}" for each in targets],
            "provisioningId": guid("product", record.key),
            "internal": False,
        },
        "links": {
            "availabilities": build_link(f"{uri}/availabilities?country={country}"),
            "self": build_link(f"{uri}?country={country}"),
        },
    }


def build_availability(
    record: Product, availability_id: str, catalog: Catalog, country: str
) -> Body:
    """Build an availability with all terms, but without prices."""
    code, symbol = _CURRENCIES.get(country, _EURO)
    uri = f"{_build_sku_uri(record)}/availabilities/{availability_id}?country={country}"
    terms = [_build_term(record, *term) for term in _TERMS]
    return {
        "id": availability_id,
        "productId": record.product_id,
        "skuId": record.sku_id,
        "catalogItemId": record.build_item_id(availability_id),
        "defaultCurrency": {"code": code, "symbol": symbol},
        "segment": "commercial",
        "country": country,
        "isPurchasable": True,
        "isRenewable": not record.is_trial,
        "renewalInstructions": [
            {
                "applicableTermIds": [term["id"] for term in terms],
                "renewalOptions": [
                    {
                        "renewToId": f"{record.product_id}:{record.sku_id}",
                        "isAutoRenewable": True,
                    }
                ],
            }
        ],
        "terms": terms,
        "product": build_product(record, country),
        "sku": build_sku(record, catalog, country),
        "links": {"self": build_link(uri)},
    }


def _build_sku_uri(record: Product) -> str:
    return f"/products/{record.product_id}/skus/{record.sku_id}"


def _build_term(record: Product, duration: str, cycle: str, description: str) -> Body:
    refund = {"sequenceId": 0, "type": "Full", "expiresAfter": "P7D"}
    return {
        "id": f"{hash_parts(record.key, duration, cycle, size=6):012x}",
        "duration": duration,
        "description": description,
        "billingCycle": cycle,
        "cancellationPolicies": [{"refundOptions": [refund]}],
    }
