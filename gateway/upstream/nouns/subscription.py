"""Subscriptions, from which upgrades start. Source: CONTRACT 4.0, 5.5."""

import re
from datetime import datetime
from typing import Final, cast

from msgspec import Raw, field

import schema.customer_subscription as graph
import schema.subscription_terms as terms
from gateway.upstream.mapping import contract_terms, enums
from gateway.upstream.mapping.resource import attributes, link, read_links
from gateway.upstream.mapping.values import instant, texts
from gateway.upstream.wire.resource import (
    NOTHING,
    Attributes,
    Enumerated,
    Number,
    PassedThrough,
    Text,
    WireModel,
)
from gateway.upstream.wire.subscription import (
    ProductType,
    RefundableQuantity,
    RefundOption,
    TermInstructions,
)
from schema import subscription_fields
from schema.billing import BillingCycle, BillingType
from schema.keys import DEFAULT_COUNTRY, Market, OfferKey, SubscriptionKey

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_COUNTRY: Final = re.compile(r"\bcountry=([a-z]{2})\b", re.IGNORECASE)


class Subscription(WireModel):
    """CONTRACT 5.5.

    Attributes:
        customer_id: the customer asked about; no member of the vendor's has this name.
    """

    __class__ = graph.CustomerSubscription  # type: ignore[assignment]  # stands in for it

    id: str
    order_id: Text | None = None
    offer_id: Text | None = None
    offer_name: Text | None = None
    friendly_name: Text | None = None
    entitlement_id: Text | None = None
    parent_subscription_id: Text | None = None
    quantity: Number | None = None
    unit_type: Text | None = None
    sent_creation_date: Text | None = field(default=None, name="creationDate")
    sent_effective_start_date: Text | None = field(default=None, name="effectiveStartDate")
    sent_commitment_end_date: Text | None = field(default=None, name="commitmentEndDate")
    sent_commitment_end_date_time: Text | None = field(default=None, name="commitmentEndDateTime")
    sent_cancellation_allowed_until_date: Text | None = field(
        default=None, name="cancellationAllowedUntilDate"
    )
    sent_billing_cycle_end_date: Text | None = field(default=None, name="billingCycleEndDate")
    sent_billing_cycle_end_date_time: Text | None = field(
        default=None, name="billingCycleEndDateTime"
    )
    sent_status: Enumerated = field(default=None, name="status")
    sent_billing_type: Enumerated = field(default=None, name="billingType")
    sent_contract_type: Enumerated = field(default=None, name="contractType")
    sent_billing_cycle: Enumerated = field(default=None, name="billingCycle")
    auto_renew_enabled: bool | None = None
    is_trial: bool | None = None
    has_purchasable_addons: bool | None = None
    is_microsoft_product: bool | None = None
    attention_needed: bool | None = None
    action_taken: bool | None = None
    term_duration: Text | None = None
    renewal_term_duration: Text | None = None
    sent_product_type: ProductType | None = field(default=None, name="productType")
    publisher_name: Text | None = None
    partner_id: Text | None = None
    promotion_id: Text | None = None
    product_order_id: Text | None = None
    migrated_from_subscription_id: Text | None = None
    sent_actions: tuple[str, ...] | None = field(default=None, name="actions")
    sent_suspension_reasons: tuple[str, ...] | None = field(default=None, name="suspensionReasons")
    sent_refund_options: tuple[RefundOption, ...] | None = field(default=None, name="refundOptions")
    sent_refundable_quantity: RefundableQuantity | None = field(
        default=None, name="refundableQuantity"
    )
    sent_scheduled_next_term_instructions: TermInstructions | None = field(
        default=None, name="scheduledNextTermInstructions"
    )
    sent_next_charge_instructions: TermInstructions | None = field(
        default=None, name="nextChargeInstructions"
    )
    consumption_type: PassedThrough = None
    line_items: PassedThrough = None
    sent_links: Raw = field(default=NOTHING, name="links")
    attributes: Attributes | None = None
    customer_id: str = field(default="", name="(customer)")

    node_id = graph.CustomerSubscription.node_id

    @property
    def key(self) -> SubscriptionKey:
        """What loaders ask by."""
        return SubscriptionKey(self.customer_id, self.id)

    @property
    def commerce(self) -> terms.CommerceFamily:
        """Which way to upgrade applies (CONTRACT 4.0)."""
        if self.is_new_commerce:
            return terms.CommerceFamily.NEW_COMMERCE
        offer_id = (self.offer_id or "").strip()
        if offer_id.upper().startswith("MS-AZR-"):
            return terms.CommerceFamily.LEGACY_AZURE
        if _GUID.fullmatch(offer_id) and self.billing_type is not BillingType.USAGE:
            return terms.CommerceFamily.LEGACY_LICENSE
        return terms.CommerceFamily.UNKNOWN

    @property
    def is_new_commerce(self) -> bool:
        """Whether it is of the catalog that the legacy one gives way to."""
        if ":" in (self.offer_id or ""):
            return True
        sent = self.sent_product_type
        return sent is not None and (sent.id or "").lower() == "onlineservicesnce"

    @property
    def market_offer(self) -> OfferKey | None:
        """The offer and its market; the link tells what a list leaves out."""
        if self.is_new_commerce:
            return None
        links = read_links(self.sent_links)
        linked = links.offer.uri if links and links.offer else None
        path, _, query = (linked or "").partition("?")
        offer_id = self.offer_id or path.rpartition("/")[2]
        if not offer_id:
            return None
        country = _COUNTRY.search(query)
        return OfferKey(offer_id, Market(country=country[1] if country else DEFAULT_COUNTRY))

    @property
    def creation_date(self) -> datetime | None:
        """When ordered, UTC."""
        return instant(self.sent_creation_date)

    @property
    def raw_creation_date(self) -> str | None:
        """`creationDate` as sent."""
        return self.sent_creation_date

    @property
    def effective_start_date(self) -> datetime | None:
        """Start, UTC."""
        return instant(self.sent_effective_start_date)

    @property
    def raw_effective_start_date(self) -> str | None:
        """`effectiveStartDate` as sent."""
        return self.sent_effective_start_date

    @property
    def commitment_end_date(self) -> datetime | None:
        """End of the term, UTC; the year 9999 means never."""
        return instant(self.sent_commitment_end_date)

    @property
    def raw_commitment_end_date(self) -> str | None:
        """`commitmentEndDate` as sent."""
        return self.sent_commitment_end_date

    @property
    def commitment_end_date_time(self) -> datetime | None:
        """End of the term to the second, UTC."""
        return instant(self.sent_commitment_end_date_time)

    @property
    def raw_commitment_end_date_time(self) -> str | None:
        """`commitmentEndDateTime` as sent."""
        return self.sent_commitment_end_date_time

    @property
    def cancellation_allowed_until_date(self) -> datetime | None:
        """Until when it can be cancelled, UTC."""
        return instant(self.sent_cancellation_allowed_until_date)

    @property
    def raw_cancellation_allowed_until_date(self) -> str | None:
        """`cancellationAllowedUntilDate` as sent."""
        return self.sent_cancellation_allowed_until_date

    @property
    def billing_cycle_end_date(self) -> datetime | None:
        """End of the billing cycle, UTC."""
        return instant(self.sent_billing_cycle_end_date)

    @property
    def raw_billing_cycle_end_date(self) -> str | None:
        """`billingCycleEndDate` as sent."""
        return self.sent_billing_cycle_end_date

    @property
    def billing_cycle_end_date_time(self) -> datetime | None:
        """End of the billing cycle to the second, UTC."""
        return instant(self.sent_billing_cycle_end_date_time)

    @property
    def raw_billing_cycle_end_date_time(self) -> str | None:
        """`billingCycleEndDateTime` as sent."""
        return self.sent_billing_cycle_end_date_time

    @property
    def status(self) -> terms.SubscriptionStatus | None:
        """Its state."""
        return enums.SUBSCRIPTION_STATUS(self.sent_status)

    @property
    def raw_status(self) -> str | None:
        """`status` as sent."""
        return enums.raw_text(self.sent_status)

    @property
    def billing_type(self) -> BillingType | None:
        """What is charged for."""
        return enums.BILLING_TYPE(self.sent_billing_type)

    @property
    def raw_billing_type(self) -> str | None:
        """`billingType` as sent."""
        return enums.raw_text(self.sent_billing_type)

    @property
    def contract_type(self) -> terms.ContractType | None:
        """How it came to be."""
        return enums.CONTRACT_TYPE(self.sent_contract_type)

    @property
    def raw_contract_type(self) -> str | None:
        """`contractType` as sent."""
        return enums.raw_text(self.sent_contract_type)

    @property
    def billing_cycle(self) -> BillingCycle | None:
        """How often charged."""
        return enums.BILLING_CYCLE(self.sent_billing_cycle)

    @property
    def raw_billing_cycle(self) -> str | None:
        """`billingCycle` as sent."""
        return enums.raw_text(self.sent_billing_cycle)

    @property
    def product_type(self) -> terms.ProductType | None:
        """Kind of product."""
        return contract_terms.product_type(self.sent_product_type)

    @property
    def actions(self) -> list[str]:
        """What can be done with it: `edit`, `cancel`."""
        return texts(self.sent_actions)

    @property
    def suspension_reasons(self) -> list[str]:
        """Why it is suspended."""
        return texts(self.sent_suspension_reasons)

    @property
    def refund_options(self) -> list[terms.RefundOption]:
        """Refunds that can be had."""
        return [contract_terms.refund_option(option) for option in self.sent_refund_options or ()]

    @property
    def refundable_quantity(self) -> terms.RefundableQuantity | None:
        """Licenses that can be returned."""
        return contract_terms.refundable_quantity(self.sent_refundable_quantity)

    @property
    def scheduled_next_term_instructions(self) -> terms.TermInstructions | None:
        """What becomes of it at its next term."""
        return contract_terms.instructions(self.sent_scheduled_next_term_instructions)

    @property
    def next_charge_instructions(self) -> terms.TermInstructions | None:
        """What becomes of it at its next charge."""
        return contract_terms.instructions(self.sent_next_charge_instructions)

    @property
    def links(self) -> subscription_fields.CustomerSubscriptionLinks | None:
        """Its links."""
        sent = read_links(self.sent_links)
        if sent is None:
            return None
        return subscription_fields.CustomerSubscriptionLinks(
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


def subscription(sent: Subscription, customer_id: str) -> graph.CustomerSubscription:
    """Make a subscription one of a customer."""
    sent.customer_id = customer_id
    return cast("graph.CustomerSubscription", sent)
