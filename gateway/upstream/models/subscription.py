"""Subscriptions. Source: CONTRACT 4.0, 5.5."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

from msgspec import Raw, field

import schema.customer_subscription as graph
import schema.scheduled_change as scheduling
import schema.subscription_terms as terms
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    NOT_SENT,
    WireEnum,
    WireInt,
    WireJson,
    WireModel,
    WireText,
    to_datetime,
    to_texts,
)
from gateway.upstream.models.enums import (
    BILLING_CYCLE,
    BILLING_TYPE,
    CONTRACT_TYPE,
    SUBSCRIPTION_STATUS,
    raw_enum,
)
from gateway.upstream.models.resource import (
    WireAttributes,
    WireCollection,
    decode_links,
)
from gateway.upstream.models.scheduled_change import (
    WireScheduledAction,
    to_scheduled_action,
    to_scheduled_change,
)
from gateway.upstream.models.subscription_links import (
    find_catalog_item,
    find_offer,
    to_subscription_links,
)
from gateway.upstream.models.subscription_terms import (
    WireProductType,
    WireRefundableQuantity,
    WireRefundOption,
    WireTermInstructions,
    to_product_type,
    to_refund_option,
    to_refundable_quantity,
    to_term_instructions,
)
from schema import subscription_fields
from schema.billing import BillingCycle, BillingType
from schema.keys import AvailabilityKey, OfferKey, SubscriptionKey

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class WireSubscription(WireModel):
    """A subscription (CONTRACT 5.5).

    Attributes:
        customer_id: the customer of the request. The gateway adds it.
    """

    __class__ = graph.CustomerSubscription  # type: ignore[assignment]  # used as this type

    id: str
    order_id: WireText | None = None
    offer_id: WireText | None = None
    offer_name: WireText | None = None
    friendly_name: WireText | None = None
    entitlement_id: WireText | None = None
    parent_subscription_id: WireText | None = None
    quantity: WireInt | None = None
    unit_type: WireText | None = None
    raw_creation_date: WireText | None = field(default=None, name="creationDate")
    raw_effective_start_date: WireText | None = field(default=None, name="effectiveStartDate")
    raw_commitment_end_date: WireText | None = field(default=None, name="commitmentEndDate")
    raw_commitment_end_date_time: WireText | None = field(
        default=None, name="commitmentEndDateTime"
    )
    raw_custom_term_end_date: WireText | None = field(default=None, name="customTermEndDate")
    raw_cancellation_allowed_until_date: WireText | None = field(
        default=None, name="cancellationAllowedUntilDate"
    )
    raw_billing_cycle_end_date: WireText | None = field(default=None, name="billingCycleEndDate")
    raw_billing_cycle_end_date_time: WireText | None = field(
        default=None, name="billingCycleEndDateTime"
    )
    wire_status: WireEnum = field(default=None, name="status")
    wire_billing_type: WireEnum = field(default=None, name="billingType")
    wire_contract_type: WireEnum = field(default=None, name="contractType")
    wire_billing_cycle: WireEnum = field(default=None, name="billingCycle")
    auto_renew_enabled: bool | None = None
    is_trial: bool | None = None
    has_purchasable_addons: bool | None = None
    is_microsoft_product: bool | None = None
    attention_needed: bool | None = None
    action_taken: bool | None = None
    term_duration: WireText | None = None
    renewal_term_duration: WireText | None = None
    wire_product_type: WireProductType | None = field(default=None, name="productType")
    publisher_name: WireText | None = None
    partner_id: WireText | None = None
    promotion_id: WireText | None = None
    product_order_id: WireText | None = None
    migrated_from_subscription_id: WireText | None = None
    wire_actions: tuple[str, ...] | None = field(default=None, name="actions")
    wire_suspension_reasons: tuple[str, ...] | None = field(default=None, name="suspensionReasons")
    wire_refund_options: tuple[WireRefundOption, ...] | None = field(
        default=None, name="refundOptions"
    )
    wire_refundable_quantity: WireRefundableQuantity | None = field(
        default=None, name="refundableQuantity"
    )
    wire_scheduled_next_term_instructions: WireTermInstructions | None = field(
        default=None, name="scheduledNextTermInstructions"
    )
    wire_scheduled_actions: tuple[WireScheduledAction, ...] | None = field(
        default=None, name="scheduledActions"
    )
    wire_next_charge_instructions: WireTermInstructions | None = field(
        default=None, name="nextChargeInstructions"
    )
    consumption_type: WireJson = None
    line_items: WireJson = None
    wire_links: Raw = field(default=NOT_SENT, name="links")
    attributes: WireAttributes | None = None
    customer_id: str = field(default="", name="(customer)")

    node_id = graph.CustomerSubscription.node_id

    @property
    def key(self) -> SubscriptionKey:
        return SubscriptionKey(self.customer_id, self.id)

    @property
    def commerce(self) -> terms.CommerceFamily:
        """The commerce family. It decides how the subscription can be upgraded."""
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
        if ":" in (self.offer_id or ""):
            return True
        product_type = self.wire_product_type
        return product_type is not None and (product_type.id or "").lower() == "onlineservicesnce"

    @property
    def market_offer(self) -> OfferKey | None:
        """The legacy offer and its market; None for new commerce."""
        if self.is_new_commerce:
            return None
        return find_offer(self.offer_id, decode_links(self.wire_links))

    @property
    def catalog_item(self) -> AvailabilityKey | None:
        """The new commerce catalog item and its market; None for a legacy offer."""
        if ":" not in (self.offer_id or ""):
            return None
        return find_catalog_item(self.offer_id, decode_links(self.wire_links))

    @property
    def creation_date(self) -> datetime | None:
        return to_datetime(self.raw_creation_date)

    @property
    def effective_start_date(self) -> datetime | None:
        return to_datetime(self.raw_effective_start_date)

    @property
    def commitment_end_date(self) -> datetime | None:
        return to_datetime(self.raw_commitment_end_date)

    @property
    def commitment_end_date_time(self) -> datetime | None:
        return to_datetime(self.raw_commitment_end_date_time)

    @property
    def custom_term_end_date(self) -> datetime | None:
        return to_datetime(self.raw_custom_term_end_date)

    @property
    def cancellation_allowed_until_date(self) -> datetime | None:
        return to_datetime(self.raw_cancellation_allowed_until_date)

    @property
    def billing_cycle_end_date(self) -> datetime | None:
        return to_datetime(self.raw_billing_cycle_end_date)

    @property
    def billing_cycle_end_date_time(self) -> datetime | None:
        return to_datetime(self.raw_billing_cycle_end_date_time)

    @property
    def status(self) -> terms.SubscriptionStatus | None:
        return SUBSCRIPTION_STATUS(self.wire_status)

    @property
    def raw_status(self) -> str | None:
        return raw_enum(self.wire_status)

    @property
    def billing_type(self) -> BillingType | None:
        return BILLING_TYPE(self.wire_billing_type)

    @property
    def raw_billing_type(self) -> str | None:
        return raw_enum(self.wire_billing_type)

    @property
    def contract_type(self) -> terms.ContractType | None:
        return CONTRACT_TYPE(self.wire_contract_type)

    @property
    def raw_contract_type(self) -> str | None:
        return raw_enum(self.wire_contract_type)

    @property
    def billing_cycle(self) -> BillingCycle | None:
        return BILLING_CYCLE(self.wire_billing_cycle)

    @property
    def raw_billing_cycle(self) -> str | None:
        return raw_enum(self.wire_billing_cycle)

    @property
    def product_type(self) -> terms.ProductType | None:
        return to_product_type(self.wire_product_type)

    @property
    def actions(self) -> list[str]:
        return to_texts(self.wire_actions)

    @property
    def suspension_reasons(self) -> list[str]:
        return to_texts(self.wire_suspension_reasons)

    @property
    def refund_options(self) -> list[terms.RefundOption]:
        return [to_refund_option(option) for option in self.wire_refund_options or ()]

    @property
    def refundable_quantity(self) -> terms.RefundableQuantity | None:
        return to_refundable_quantity(self.wire_refundable_quantity)

    @property
    def scheduled_next_term_instructions(self) -> terms.TermInstructions | None:
        return to_term_instructions(self.wire_scheduled_next_term_instructions)

    @property
    def scheduled_actions(self) -> list[scheduling.ScheduledAction]:
        return [to_scheduled_action(action) for action in self.wire_scheduled_actions or ()]

    @property
    def scheduled_change(self) -> scheduling.ScheduledChange | None:
        return to_scheduled_change(
            self.wire_scheduled_actions, self.wire_scheduled_next_term_instructions
        )

    @property
    def next_charge_instructions(self) -> terms.TermInstructions | None:
        return to_term_instructions(self.wire_next_charge_instructions)

    @property
    def links(self) -> subscription_fields.CustomerSubscriptionLinks | None:
        return to_subscription_links(decode_links(self.wire_links))


_SUBSCRIPTION: Final = Decoder(WireSubscription)
_SUBSCRIPTIONS: Final = Decoder(WireCollection[WireSubscription])


def decode_subscription(body: bytes, customer_id: str) -> graph.CustomerSubscription:
    return to_subscription(_SUBSCRIPTION(body), customer_id)


def decode_subscriptions(body: bytes, customer_id: str) -> Sequence[graph.CustomerSubscription]:
    return [to_subscription(wire, customer_id) for wire in _SUBSCRIPTIONS(body).items or ()]


def to_subscription(wire: WireSubscription, customer_id: str) -> graph.CustomerSubscription:
    wire.customer_id = customer_id
    return cast("graph.CustomerSubscription", wire)
