"""`Subscription` of each generation, and its provisioning status (CONTRACT 5.5)."""

import base64
from typing import Final

from gateway.sandbox.bodies.envelope import Body, attributes, link
from gateway.sandbox.catalog import PLAN_ITEM_ID, Catalog, Product
from gateway.sandbox.enums import (
    BillingType,
    ContractType,
    ProvisioningStatus,
    SubscriptionStatus,
)
from gateway.sandbox.identity import guid
from gateway.sandbox.records import Account, Family, Subscription
from gateway.sandbox.timestamps import DAY_S, Instant, midnight

PARTNER_MPN_ID: Final = "4847383"
_CANCELLATION_S: Final = 7 * DAY_S


def subscription(record: Subscription, account: Account, catalog: Catalog) -> Body:
    """A subscription as lists and reads show it."""
    customer = f"/customers/{account.profile.id}"
    if record.family is Family.MODERN:
        return _modern(record, customer, catalog, account.profile.country)
    if record.family is Family.PLAN:
        return _plan(record, customer)
    return _legacy(record, customer, catalog, account)


def provisioning_status(record: Subscription, now_s: float) -> Body:
    """Whether the licenses have arrived."""
    is_done = now_s >= record.provisioned_s
    return {
        "skuId": guid("product", record.item),
        "status": ProvisioningStatus.SUCCESS if is_done else ProvisioningStatus.PENDING,
        "quantity": record.quantity,
        "endDate": midnight(record.ends_s),
        "attributes": attributes("SubscriptionProvisioningStatus"),
    }


def _legacy(record: Subscription, customer: str, catalog: Catalog, account: Account) -> Body:
    offer = catalog.offers[record.item]
    links = {"offer": link(f"/offers/{offer.id}?country={account.profile.country}")}
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
        links["parentSubscription"] = link(f"{customer}/subscriptions/{record.parent_id}")
    links["self"] = link(f"{customer}/subscriptions/{record.id}")
    body |= {
        "hasPurchasableAddons": bool(catalog.add_ons_of(offer)),
        "creationDate": Instant(record.created_s, digits=3),
        "effectiveStartDate": midnight(record.created_s),
        "commitmentEndDate": midnight(record.ends_s),
        "commitmentEndDateTime": midnight(record.ends_s),
        "status": record.status,
        "autoRenewEnabled": record.auto_renew,
        "isTrial": "trial" in offer.flags,
        "billingType": BillingType.USAGE if offer.is_usage else BillingType.LICENSE,
        "billingCycle": record.cycle,
        "actions": ["edit", "cancel"] if record.is_active else [],
        "suspensionReasons": _suspension_reasons(record),
        "isMicrosoftProduct": True,
        "partnerId": PARTNER_MPN_ID,
        "contractType": ContractType.SUBSCRIPTION,
        "links": links,
        "orderId": record.order_id,
        "attributes": attributes("Subscription", etag(record)),
    }
    return body


def etag(record: Subscription) -> str:
    """The version of a subscription, in base64 as the vendor has it."""
    text = f'{{"id":"{record.id}","version":{record.version}}}'
    return base64.b64encode(text.encode()).decode()


def _modern(record: Subscription, customer: str, catalog: Catalog, country: str) -> Body:
    product = catalog.products[record.item]
    end_s = midnight(record.ends_s).epoch_s
    cancellable_until_s = record.created_s + _CANCELLATION_S
    return {
        "id": record.id,
        "offerId": product.id,
        "offerName": product.title,
        "friendlyName": record.friendly_name,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": record.quantity,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": Instant(record.created_s, digits=7),
        "effectiveStartDate": Instant(record.created_s, digits=6),
        "commitmentEndDate": Instant(end_s),
        "commitmentEndDateTime": Instant(end_s + DAY_S - 1),
        "cancellationAllowedUntilDate": Instant(cancellable_until_s, digits=6),
        "billingCycleEndDate": Instant(end_s),
        "billingCycleEndDateTime": Instant(end_s + DAY_S - 1),
        "status": record.status,
        "autoRenewEnabled": record.auto_renew,
        "isTrial": False,
        "billingType": BillingType.LICENSE,
        "billingCycle": record.cycle,
        "termDuration": record.term,
        "renewalTermDuration": "",
        "refundOptions": [{"type": "Full", "expiresAt": Instant(cancellable_until_s)}],
        "isMicrosoftProduct": True,
        "partnerId": "",
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": ContractType.SUBSCRIPTION,
        "links": _product_links(product, country, f"{customer}/subscriptions/{record.id}"),
        "publisherName": "Microsoft Corporation",
        "refundableQuantity": _refundable(record.quantity, cancellable_until_s),
        "orderId": record.order_id,
        "attributes": attributes("Subscription"),
    }


def _product_links(product: Product, country: str, own_uri: str) -> Body:
    path = f"/products/{product.product_id}"
    sku = f"{path}/skus/{product.sku_id}"
    availability = f"{sku}/availabilities/{product.availability_id}"
    return {
        "product": link(f"{path}?country={country}"),
        "sku": link(f"{sku}?country={country}"),
        "availability": link(f"{availability}?country={country}"),
        "self": link(own_uri),
    }


def _refundable(quantity: int, until_s: float) -> Body:
    until = Instant(until_s, digits=6)
    details = [{"quantity": quantity, "allowedUntilDateTime": until}]
    return {"totalQuantity": quantity, "details": details}


def _plan(record: Subscription, customer: str) -> Body:
    return {
        "id": record.id,
        "offerId": PLAN_ITEM_ID,
        "offerName": "Azure plan",
        "friendlyName": record.friendly_name,
        "productType": {"id": "Azure", "displayName": "Azure"},
        "quantity": record.quantity,
        "unitType": "Usage-based",
        "hasPurchasableAddons": False,
        "creationDate": Instant(record.created_s, digits=7),
        "effectiveStartDate": Instant(record.created_s, digits=6),
        "commitmentEndDate": midnight(record.ends_s),
        "status": record.status,
        "autoRenewEnabled": record.auto_renew,
        "isTrial": False,
        "billingType": BillingType.USAGE,
        "billingCycle": record.cycle,
        "isMicrosoftProduct": True,
        "contractType": ContractType.SUBSCRIPTION,
        "links": {"self": link(f"{customer}/subscriptions/{record.id}")},
        "publisherName": "Microsoft Corporation",
        "orderId": record.order_id,
        "attributes": attributes("Subscription"),
    }


def _suspension_reasons(record: Subscription) -> list[str]:
    return ["PartnerInitiated"] if record.status is SubscriptionStatus.SUSPENDED else []
