"""Subscriptions and their provisioning. Source: CONTRACT 4.0, 5.5."""

import re
from typing import Final

from strawberry import ID

import schema.customer_subscription as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.contract_terms import (
    instructions,
    product_type,
    refund_option,
    refundable_quantity,
)
from gateway.upstream.mapping.resource import attributes, link
from gateway.upstream.mapping.values import (
    identifier,
    instant,
    passed_through,
    text,
    texts,
)
from gateway.upstream.wire import subscription as wire
from gateway.upstream.wire.resource import Links
from schema import provisioning
from schema.billing import BillingType
from schema.contract_terms import CommerceFamily
from schema.keys import DEFAULT_COUNTRY, Market, OfferKey, SubscriptionKey

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_COUNTRY: Final = re.compile(r"\bcountry=([a-z]{2})\b", re.IGNORECASE)


def subscription(sent: wire.Subscription, customer_id: str) -> graph.CustomerSubscription:
    """Map a subscription of a customer."""
    commerce = commerce_family(sent)
    return graph.CustomerSubscription(
        key=SubscriptionKey(customer_id, sent.id),
        commerce=commerce,
        market_offer=_market_offer(sent, commerce),
        id=ID(sent.id),
        order_id=identifier(sent.order_id),
        offer_id=identifier(sent.offer_id),
        offer_name=text(sent.offer_name),
        friendly_name=text(sent.friendly_name),
        entitlement_id=identifier(sent.entitlement_id),
        parent_subscription_id=identifier(sent.parent_subscription_id),
        quantity=sent.quantity,
        unit_type=text(sent.unit_type),
        creation_date=instant(sent.creation_date),
        effective_start_date=instant(sent.effective_start_date),
        commitment_end_date=instant(sent.commitment_end_date),
        commitment_end_date_time=instant(sent.commitment_end_date_time),
        cancellation_allowed_until_date=instant(sent.cancellation_allowed_until_date),
        billing_cycle_end_date=instant(sent.billing_cycle_end_date),
        billing_cycle_end_date_time=instant(sent.billing_cycle_end_date_time),
        status=enums.SUBSCRIPTION_STATUS(sent.status),
        raw_status=enums.raw_text(sent.status),
        billing_type=enums.BILLING_TYPE(sent.billing_type),
        raw_billing_type=enums.raw_text(sent.billing_type),
        contract_type=enums.CONTRACT_TYPE(sent.contract_type),
        raw_contract_type=enums.raw_text(sent.contract_type),
        billing_cycle=enums.BILLING_CYCLE(sent.billing_cycle),
        raw_billing_cycle=enums.raw_text(sent.billing_cycle),
        auto_renew_enabled=sent.auto_renew_enabled,
        is_trial=sent.is_trial,
        has_purchasable_addons=sent.has_purchasable_addons,
        is_microsoft_product=sent.is_microsoft_product,
        attention_needed=sent.attention_needed,
        action_taken=sent.action_taken,
        term_duration=text(sent.term_duration),
        renewal_term_duration=text(sent.renewal_term_duration),
        product_type=product_type(sent.product_type),
        publisher_name=text(sent.publisher_name),
        partner_id=text(sent.partner_id),
        promotion_id=identifier(sent.promotion_id),
        product_order_id=identifier(sent.product_order_id),
        migrated_from_subscription_id=identifier(sent.migrated_from_subscription_id),
        actions=texts(sent.actions),
        suspension_reasons=texts(sent.suspension_reasons),
        refund_options=[refund_option(option) for option in sent.refund_options or ()],
        refundable_quantity=refundable_quantity(sent.refundable_quantity),
        scheduled_next_term_instructions=instructions(sent.scheduled_next_term_instructions),
        next_charge_instructions=instructions(sent.next_charge_instructions),
        consumption_type=passed_through(sent.consumption_type),
        line_items=passed_through(sent.line_items),
        links=_links(sent.links),
        attributes=attributes(sent.attributes),
    )


def commerce_family(sent: wire.Subscription) -> CommerceFamily:
    """Recognise which way to upgrade applies (CONTRACT 4.0)."""
    offer_id = (sent.offer_id or "").strip()
    kind = sent.product_type.id if sent.product_type else None
    if ":" in offer_id or (kind or "").lower() == "onlineservicesnce":
        return CommerceFamily.NEW_COMMERCE
    if offer_id.upper().startswith("MS-AZR-"):
        return CommerceFamily.LEGACY_AZURE
    is_usage = enums.BILLING_TYPE(sent.billing_type) is BillingType.USAGE
    if _GUID.fullmatch(offer_id) and not is_usage:
        return CommerceFamily.LEGACY_LICENSE
    return CommerceFamily.UNKNOWN


def _market_offer(sent: wire.Subscription, commerce: CommerceFamily) -> OfferKey | None:
    """Name the offer and its market; the link tells what a list leaves out (CONTRACT 5.5)."""
    if commerce is CommerceFamily.NEW_COMMERCE:
        return None
    linked = sent.links.offer.uri if sent.links and sent.links.offer else None
    path, _, query = (linked or "").partition("?")
    offer_id = sent.offer_id or path.rpartition("/")[2]
    if not offer_id:
        return None
    country = _COUNTRY.search(query)
    return OfferKey(offer_id, Market(country=country[1] if country else DEFAULT_COUNTRY))


def _links(sent: Links | None) -> graph.CustomerSubscriptionLinks | None:
    if sent is None:
        return None
    return graph.CustomerSubscriptionLinks(
        self_=link(sent.self_),
        next=link(sent.next),
        previous=link(sent.previous),
        offer=link(sent.offer),
        parent_subscription=link(sent.parent_subscription),
        product=link(sent.product),
        sku=link(sent.sku),
        availability=link(sent.availability),
        activation_links=link(sent.activation_links),
        entitlement=link(sent.entitlement),
        attributes=attributes(sent.attributes),
    )


def provisioning_status(
    sent: wire.SubscriptionProvisioningStatus,
) -> provisioning.SubscriptionProvisioningStatus:
    """Map SubscriptionProvisioningStatus."""
    return provisioning.SubscriptionProvisioningStatus(
        sku_id=identifier(sent.sku_id),
        status=enums.PROVISIONING_STATUS(sent.status),
        raw_status=enums.raw_text(sent.status),
        quantity=sent.quantity,
        end_date=instant(sent.end_date),
        attributes=attributes(sent.attributes),
    )
