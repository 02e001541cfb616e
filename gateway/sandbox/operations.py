"""The vendor's operations (CONTRACT 4) with their paths, required tokens and throttling."""

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Bucket(Enum):
    """A group of the vendor's operations whose calls share a rate limit."""

    FREE = "free"
    READS = "reads"
    UPGRADES = "upgrades"
    TRANSITIONS = "transitions"
    PRODUCT_UPGRADES = "product_upgrades"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the vendor.

    Its path is in lower case, and requests are routed in lower case.
    """

    name: str
    method: str
    path: str
    bucket: Bucket = Bucket.FREE
    needs_user: bool = False


_CUSTOMER: Final = "/v1/customers/{customer}"
_WEBHOOKS: Final = "/webhooks/v1/registration"
_PRODUCT: Final = "/products/{product}"
_SKU: Final = _PRODUCT + "/skus/{sku}"
_SUBSCRIPTION: Final = _CUSTOMER + "/subscriptions/{subscription}"

OPERATIONS: Final = (
    Operation("list_customers", "GET", "/v1/customers"),
    Operation("get_customer", "GET", _CUSTOMER, Bucket.READS),
    Operation("list_subscriptions", "GET", _CUSTOMER + "/subscriptions", Bucket.READS),
    # Before a subscription by id, whose path it matches too.
    Operation("list_custom_end_dates", "GET", _CUSTOMER + "/subscriptions/customtermenddates"),
    Operation("get_subscription", "GET", _SUBSCRIPTION, Bucket.READS),
    Operation("update_subscription", "PATCH", _SUBSCRIPTION, Bucket.READS),
    Operation("list_add_ons", "GET", _SUBSCRIPTION + "/addons", Bucket.READS),
    Operation(
        "get_provisioning_status",
        "GET",
        _SUBSCRIPTION + "/provisioningstatus",
        Bucket.READS,
        needs_user=True,
    ),
    Operation("list_upgrades", "GET", _SUBSCRIPTION + "/upgrades", Bucket.UPGRADES),
    Operation("perform_upgrade", "POST", _SUBSCRIPTION + "/upgrades", Bucket.UPGRADES),
    Operation(
        "get_product_upgrade_eligibility",
        "POST",
        "/v1/productupgrades/eligibility",
        Bucket.PRODUCT_UPGRADES,
        needs_user=True,
    ),
    Operation(
        "create_product_upgrade",
        "POST",
        "/v1/productupgrades",
        Bucket.PRODUCT_UPGRADES,
        needs_user=True,
    ),
    Operation(
        "get_product_upgrade_status",
        "POST",
        "/v1/productupgrades/{upgrade}/status",
        Bucket.PRODUCT_UPGRADES,
        needs_user=True,
    ),
    Operation(
        "get_product_upgrade_status",
        "POST",
        "/v1/productupgrades/{upgrade}",
        Bucket.PRODUCT_UPGRADES,
        needs_user=True,
    ),
    Operation("list_offers", "GET", "/v1/offers"),
    Operation("get_offer", "GET", "/v1/offers/{offer}"),
    Operation("list_offer_add_ons", "GET", "/v1/offers/{offer}/addons"),
    Operation("list_offer_categories", "GET", "/v1/offercategories"),
    Operation("list_customer_offers", "GET", _CUSTOMER + "/offers"),
    Operation("list_customer_offer_categories", "GET", _CUSTOMER + "/offercategories"),
    Operation("verify_promotions", "POST", _CUSTOMER + "/promotioneligibilities"),
    Operation("list_transition_eligibilities", "GET", _SUBSCRIPTION + "/transitioneligibilities"),
    Operation("list_transitions", "GET", _SUBSCRIPTION + "/transitions", Bucket.TRANSITIONS),
    Operation("create_transition", "POST", _SUBSCRIPTION + "/transitions", Bucket.TRANSITIONS),
    Operation("list_webhook_events", "GET", _WEBHOOKS + "/events"),
    Operation("get_webhook_registration", "GET", _WEBHOOKS),
    Operation("create_webhook_registration", "POST", _WEBHOOKS),
    Operation("replace_webhook_registration", "PUT", _WEBHOOKS),
    Operation("send_test_event", "POST", _WEBHOOKS + "/validationevents"),
    Operation("get_test_event", "GET", _WEBHOOKS + "/validationevents/{correlation}"),
    *(
        Operation(name, "GET", base + path)
        for base in ("/v1", _CUSTOMER)
        for name, path in (
            ("get_product", _PRODUCT),
            ("get_sku", _SKU),
            ("list_availabilities", _SKU + "/availabilities"),
            ("get_availability", _SKU + "/availabilities/{availability}"),
        )
    ),
    Operation("list_audit_records", "GET", "/v1/auditrecords"),
    Operation("list_audit_records", "GET", "/auditactivity/v1/auditrecords"),
    Operation("get_audit_record", "GET", "/v1/auditrecords/{record}"),
    Operation("get_audit_record", "GET", "/auditactivity/v1/auditrecords/{record}"),
)
TOKEN: Final = "token"  # noqa: S105 - the name of an operation
OPERATION_NAMES: Final = frozenset({TOKEN, *(operation.name for operation in OPERATIONS)})
