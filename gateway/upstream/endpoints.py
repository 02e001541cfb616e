"""The vendor's endpoints (CONTRACT 4.0)."""

import enum
from dataclasses import dataclass, replace
from typing import Final


class UpstreamBucket(enum.Enum):
    """Endpoints that share a rate limit of the vendor (CONTRACT 9)."""

    CUSTOMER_READS = "customer_reads"
    UPGRADES = "upgrades"
    TRANSITIONS = "transitions"
    PRODUCT_UPGRADES = "product_upgrades"
    CUSTOMER_LIST = "customer_list"
    CATALOG = "catalog"
    AUDIT = "audit"
    WEBHOOKS = "webhooks"

    # Enum's own hash is written in Python, and is used several times a call.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of the vendor.

    Attributes:
        name: a short and unique name, for logs and keys.
        path: the path; `{}` stands for an argument.
        bucket: the rate limit that applies.
        is_per_customer: whether the rate limit applies to each customer separately; the first path
            argument is then the customer.
        is_safe: whether a call changes nothing, so that it may be retried and shared.
        needs_user: whether tokens of an application without a user are rejected (CONTRACT 1.4).
        not_found_codes: the codes with status 400 that mean that the object does not exist.
    """

    name: str
    method: str
    path: str
    bucket: UpstreamBucket
    is_per_customer: bool = False
    is_safe: bool = True
    needs_user: bool = False
    not_found_codes: frozenset[str] = frozenset()


_CUSTOMER: Final = "/v1/customers/{}"
_SUBSCRIPTION: Final = _CUSTOMER + "/subscriptions/{}"
_PRODUCT: Final = "/v1/products/{}"
_SKU: Final = _PRODUCT + "/skus/{}"
_WEBHOOKS: Final = "/webhooks/v1/registration"  # the service before the version (Q41)
_OFFER: Final = "/v1/offers/{}"
_PRODUCT_UPGRADES: Final = "/v1/productUpgrades"


def _customer_endpoint(
    name: str, method: str, path: str, bucket: UpstreamBucket = UpstreamBucket.CUSTOMER_READS
) -> Endpoint:
    return Endpoint(name, method, path, bucket, is_per_customer=True, is_safe=method == "GET")


def _catalog_endpoint(name: str, path: str) -> Endpoint:
    return Endpoint(name, "GET", path, UpstreamBucket.CATALOG)


def _product_upgrade_endpoint(name: str, path: str, *, is_safe: bool) -> Endpoint:
    return Endpoint(
        name, "POST", path, UpstreamBucket.PRODUCT_UPGRADES, is_safe=is_safe, needs_user=True
    )


LIST_CUSTOMERS: Final = Endpoint(
    "list_customers", "GET", "/v1/customers", UpstreamBucket.CUSTOMER_LIST
)
GET_CUSTOMER: Final = _customer_endpoint("get_customer", "GET", _CUSTOMER)
LIST_SUBSCRIPTIONS: Final = _customer_endpoint(
    "list_subscriptions", "GET", _CUSTOMER + "/subscriptions"
)
GET_SUBSCRIPTION: Final = _customer_endpoint("get_subscription", "GET", _SUBSCRIPTION)
UPDATE_SUBSCRIPTION: Final = _customer_endpoint("update_subscription", "PATCH", _SUBSCRIPTION)
LIST_ADD_ONS: Final = _customer_endpoint("list_add_ons", "GET", _SUBSCRIPTION + "/addons")
GET_PROVISIONING_STATUS: Final = replace(
    _customer_endpoint("get_provisioning_status", "GET", _SUBSCRIPTION + "/provisioningstatus"),
    needs_user=True,
)
LIST_UPGRADES: Final = _customer_endpoint(
    "list_upgrades", "GET", _SUBSCRIPTION + "/upgrades", UpstreamBucket.UPGRADES
)
PERFORM_UPGRADE: Final = _customer_endpoint(
    "perform_upgrade", "POST", _SUBSCRIPTION + "/upgrades", UpstreamBucket.UPGRADES
)
PRODUCT_UPGRADE_ELIGIBILITY: Final = _product_upgrade_endpoint(
    "product_upgrade_eligibility", _PRODUCT_UPGRADES + "/eligibility", is_safe=True
)
CREATE_PRODUCT_UPGRADE: Final = _product_upgrade_endpoint(
    "create_product_upgrade", _PRODUCT_UPGRADES, is_safe=False
)
PRODUCT_UPGRADE_STATUS: Final = _product_upgrade_endpoint(
    "product_upgrade_status", _PRODUCT_UPGRADES + "/{}/status", is_safe=True
)
LIST_OFFERS: Final = _catalog_endpoint("list_offers", "/v1/offers")
GET_OFFER: Final = replace(
    _catalog_endpoint("get_offer", _OFFER),
    not_found_codes=frozenset({"800004", "800070", "2100"}),  # CONTRACT 4.13
)
LIST_OFFER_ADD_ONS: Final = _catalog_endpoint("list_offer_add_ons", _OFFER + "/addons")
LIST_OFFER_CATEGORIES: Final = _catalog_endpoint("list_offer_categories", "/v1/offercategories")
LIST_TRANSITION_ELIGIBILITIES: Final = _customer_endpoint(
    "list_transition_eligibilities",
    "GET",
    _SUBSCRIPTION + "/transitionEligibilities",
    UpstreamBucket.TRANSITIONS,
)
LIST_TRANSITIONS: Final = _customer_endpoint(
    "list_transitions", "GET", _SUBSCRIPTION + "/transitions", UpstreamBucket.TRANSITIONS
)
CREATE_TRANSITION: Final = _customer_endpoint(
    "create_transition", "POST", _SUBSCRIPTION + "/transitions", UpstreamBucket.TRANSITIONS
)
LIST_CUSTOM_TERM_END_DATES: Final = _customer_endpoint(
    "list_custom_term_end_dates", "GET", _CUSTOMER + "/subscriptions/customTermEndDates"
)
VERIFY_PROMOTIONS: Final = replace(
    _customer_endpoint("verify_promotions", "POST", _CUSTOMER + "/promotionEligibilities"),
    is_safe=True,
)
GET_PRODUCT: Final = _catalog_endpoint("get_product", _PRODUCT)
GET_SKU: Final = _catalog_endpoint("get_sku", _SKU)
LIST_AVAILABILITIES: Final = _catalog_endpoint("list_availabilities", _SKU + "/availabilities")
GET_AVAILABILITY: Final = _catalog_endpoint("get_availability", _SKU + "/availabilities/{}")
LIST_AUDIT_RECORDS: Final = Endpoint(
    "list_audit_records", "GET", "/v1/auditrecords", UpstreamBucket.AUDIT
)
LIST_WEBHOOK_EVENTS: Final = Endpoint(
    "list_webhook_events", "GET", _WEBHOOKS + "/events", UpstreamBucket.WEBHOOKS
)
GET_WEBHOOK_REGISTRATION: Final = Endpoint(
    "get_webhook_registration", "GET", _WEBHOOKS, UpstreamBucket.WEBHOOKS
)
GET_WEBHOOK_VALIDATION: Final = Endpoint(
    "get_webhook_validation", "GET", _WEBHOOKS + "/validationEvents/{}", UpstreamBucket.WEBHOOKS
)

ENDPOINTS: Final = (
    LIST_CUSTOMERS,
    GET_CUSTOMER,
    LIST_SUBSCRIPTIONS,
    LIST_CUSTOM_TERM_END_DATES,
    GET_SUBSCRIPTION,
    UPDATE_SUBSCRIPTION,
    LIST_ADD_ONS,
    GET_PROVISIONING_STATUS,
    LIST_UPGRADES,
    PERFORM_UPGRADE,
    PRODUCT_UPGRADE_ELIGIBILITY,
    CREATE_PRODUCT_UPGRADE,
    PRODUCT_UPGRADE_STATUS,
    LIST_OFFERS,
    GET_OFFER,
    LIST_OFFER_ADD_ONS,
    LIST_OFFER_CATEGORIES,
    LIST_TRANSITION_ELIGIBILITIES,
    LIST_TRANSITIONS,
    CREATE_TRANSITION,
    LIST_AUDIT_RECORDS,
    VERIFY_PROMOTIONS,
    LIST_WEBHOOK_EVENTS,
    GET_WEBHOOK_REGISTRATION,
    GET_WEBHOOK_VALIDATION,
    GET_PRODUCT,
    GET_SKU,
    LIST_AVAILABILITIES,
    GET_AVAILABILITY,
)
