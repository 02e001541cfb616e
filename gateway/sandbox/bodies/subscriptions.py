"""`Subscription` of each commerce family, and its provisioning status (CONTRACT 5.5)."""

import base64
from typing import Final

from gateway.sandbox.bodies.envelope import Body, build_attributes, build_link
from gateway.sandbox.bodies.scheduled_changes import build_schedule
from gateway.sandbox.catalog import PLAN_ITEM_ID, Catalog, Product
from gateway.sandbox.enums import (
    BillingType,
    ContractType,
    ProvisioningStatus,
    SubscriptionStatus,
)
from gateway.sandbox.identity import guid
from gateway.sandbox.options import RenewalOptions
from gateway.sandbox.records import CommerceFamily, Customer, Subscription
from gateway.sandbox.timestamps import DAY_S, Timestamp, midnight

PARTNER_MPN_ID: Final = "4847383"
_CANCELLATION_S: Final = 7 * DAY_S


def build_subscription(
    record: Subscription, customer: Customer, catalog: Catalog, options: RenewalOptions
) -> Body:
    customer_path = f"/customers/{customer.profile.id}"
    if record.commerce_family is CommerceFamily.NEW_COMMERCE:
        country = customer.profile.country
        body = _build_new_commerce(record, customer_path, catalog, country)
        body |= build_schedule(record, catalog, options)
        if record.custom_end_date:
            body["customTermEndDate"] = record.custom_end_date
        if options.shows_etags:
            body["attributes"] = build_attributes("Subscription", build_etag(record))
        return body
    if record.commerce_family is CommerceFamily.AZURE_PLAN:
        return _build_azure_plan(record, customer_path)
    return _build_legacy(record, customer_path, catalog, customer)


def build_provisioning_status(record: Subscription, now_s: float) -> Body:
    is_done = now_s >= record.provisioned_s
    return {
        "skuId": guid("product", record.item),
        "status": ProvisioningStatus.SUCCESS if is_done else ProvisioningStatus.PENDING,
        "quantity": record.quantity,
        "endDate": midnight(record.ends_s),
        "attributes": build_attributes("SubscriptionProvisioningStatus"),
    }


def _build_legacy(
    record: Subscription, customer_path: str, catalog: Catalog, customer: Customer
) -> Body:
    offer = catalog.offers[record.item]
    links = {"offer": build_link(f"/offers/{offer.id}?country={customer.profile.country}")}
    body: Body = {
        "id": record.id,
        "offerId": offer.id,
        "offerName": offer.names["en-US"],
        "friendlyName": record.friendly_name,
        "quantity": record.quantity,
        "unitType": "Usage-based" if offer.is_usage else "Licenses",
    }
    if record.entitlement_id:
        body["entitlementId"] = record.entitlement_id
    if record.parent_id:
        body["parentSubscriptionId"] = record.parent_id
        links["parentSubscription"] = build_link(
            f"{customer_path}/subscriptions/{record.parent_id}"
        )
    links["self"] = build_link(f"{customer_path}/subscriptions/{record.id}")
    body |= {
        "hasPurchasableAddons": bool(catalog.list_add_ons(offer)),
        "creationDate": Timestamp(record.created_s, digits=3),
        "effectiveStartDate": midnight(record.created_s),
        "commitmentEndDate": midnight(record.ends_s),
        "commitmentEndDateTime": midnight(record.ends_s),
        "status": record.status,
        "autoRenewEnabled": record.auto_renew,
        "isTrial": "trial" in offer.flags,
        "billingType": BillingType.USAGE if offer.is_usage else BillingType.LICENSE,
        "billingCycle": record.cycle,
        "actions": ["edit", "cancel"] if record.is_active else [],
        "suspensionReasons": _list_suspension_reasons(record),
        "isMicrosoftProduct": True,
        "partnerId": PARTNER_MPN_ID,
        "contractType": ContractType.SUBSCRIPTION,
        "links": links,
        "orderId": record.order_id,
        "attributes": build_attributes("Subscription", build_etag(record)),
    }
    return body


def build_etag(record: Subscription) -> str:
    """Encode the version of a subscription in base64, as the vendor does."""
    text = f'{{"id":"{record.id}","version":{record.version}}}'
    return base64.b64encode(text.encode()).decode()


def _build_new_commerce(
    record: Subscription, customer_path: str, catalog: Catalog, country: str
) -> Body:
    product = catalog.products[record.item]
    availability_id = record.availability_id or product.availability_id
    end_s = midnight(record.ends_s).epoch_s
    cancellable_until_s = record.cancellable_from_s + _CANCELLATION_S
    return {
        "id": record.id,
        "offerId": product.build_item_id(availability_id),
        "offerName": product.title,
        "friendlyName": record.friendly_name,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": record.quantity,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": Timestamp(record.created_s, digits=7),
        "effectiveStartDate": Timestamp(record.created_s, digits=6),
        "commitmentEndDate": Timestamp(end_s),
        "commitmentEndDateTime": Timestamp(end_s + DAY_S - 1),
        "cancellationAllowedUntilDate": Timestamp(cancellable_until_s, digits=6),
        "billingCycleEndDate": Timestamp(end_s),
        "billingCycleEndDateTime": Timestamp(end_s + DAY_S - 1),
        "status": record.status,
        "autoRenewEnabled": record.auto_renew,
        "isTrial": record.is_trial,
        "billingType": BillingType.LICENSE,
        "billingCycle": record.cycle,
        "termDuration": record.term,
        "renewalTermDuration": "",
        "refundOptions": [{"type": "Full", "expiresAt": Timestamp(cancellable_until_s)}],
        "isMicrosoftProduct": True,
        "partnerId": "",
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": ContractType.SUBSCRIPTION,
        "links": _build_product_links(
            product, availability_id, country, f"{customer_path}/subscriptions/{record.id}"
        ),
        "publisherName": "Microsoft Corporation",
        "refundableQuantity": _build_refundable_quantity(record.quantity, cancellable_until_s),
        "orderId": record.order_id,
        "attributes": build_attributes("Subscription"),
    }


def _build_product_links(
    product: Product, availability_id: str, country: str, own_uri: str
) -> Body:
    path = f"/products/{product.product_id}"
    sku = f"{path}/skus/{product.sku_id}"
    availability = f"{sku}/availabilities/{availability_id}"
    return {
        "product": build_link(f"{path}?country={country}"),
        "sku": build_link(f"{sku}?country={country}"),
        "availability": build_link(f"{availability}?country={country}"),
        "self": build_link(own_uri),
    }


def _build_refundable_quantity(quantity: int, until_s: float) -> Body:
    until = Timestamp(until_s, digits=6)
    details = [{"quantity": quantity, "allowedUntilDateTime": until}]
    return {"totalQuantity": quantity, "details": details}


def _build_azure_plan(record: Subscription, customer_path: str) -> Body:
    return {
        "id": record.id,
        "offerId": PLAN_ITEM_ID,
        "offerName": "Azure plan",
        "friendlyName": record.friendly_name,
        "productType": {"id": "Azure", "displayName": "Azure"},
        "quantity": record.quantity,
        "unitType": "Usage-based",
        "hasPurchasableAddons": False,
        "creationDate": Timestamp(record.created_s, digits=7),
        "effectiveStartDate": Timestamp(record.created_s, digits=6),
        "commitmentEndDate": midnight(record.ends_s),
        "status": record.status,
        "autoRenewEnabled": record.auto_renew,
        "isTrial": False,
        "billingType": BillingType.USAGE,
        "billingCycle": record.cycle,
        "isMicrosoftProduct": True,
        "contractType": ContractType.SUBSCRIPTION,
        "links": {"self": build_link(f"{customer_path}/subscriptions/{record.id}")},
        "publisherName": "Microsoft Corporation",
        "orderId": record.order_id,
        "attributes": build_attributes("Subscription"),
    }


def _list_suspension_reasons(record: Subscription) -> list[str]:
    return ["PartnerInitiated"] if record.status is SubscriptionStatus.SUSPENDED else []
