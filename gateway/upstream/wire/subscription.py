"""Subscriptions. Source: CONTRACT 5.5."""

from gateway.upstream.wire.resource import (
    Attributes,
    Enumerated,
    Links,
    Number,
    PassedThrough,
    WireModel,
)


class ProductType(WireModel):
    """CONTRACT 5.5."""

    id: str | None = None
    display_name: str | None = None
    sub_type: "ProductType | None" = None


class RefundOption(WireModel):
    """CONTRACT 5.5; `expiresAt` or `expiresAfter` (Q15)."""

    type: Enumerated = None
    expires_at: str | None = None
    expires_after: str | None = None


class RefundableQuantityDetail(WireModel):
    """CONTRACT 5.5."""

    quantity: Number | None = None
    allowed_until_date_time: str | None = None


class RefundableQuantity(WireModel):
    """CONTRACT 5.5."""

    total_quantity: Number | None = None
    details: tuple[RefundableQuantityDetail, ...] | None = None


class TermProduct(WireModel):
    """CONTRACT 5.5."""

    product_id: str | None = None
    sku_id: str | None = None
    availability_id: str | None = None
    billing_cycle: Enumerated = None
    term_duration: str | None = None
    promotion_id: str | None = None


class TermInstructions(WireModel):
    """CONTRACT 5.5."""

    product: TermProduct | None = None
    quantity: Number | None = None
    custom_term_end_date: str | None = None


class Subscription(WireModel):
    """CONTRACT 5.5."""

    id: str
    order_id: str | None = None
    offer_id: str | None = None
    offer_name: str | None = None
    friendly_name: str | None = None
    entitlement_id: str | None = None
    parent_subscription_id: str | None = None
    quantity: Number | None = None
    unit_type: str | None = None
    creation_date: str | None = None
    effective_start_date: str | None = None
    commitment_end_date: str | None = None
    commitment_end_date_time: str | None = None
    cancellation_allowed_until_date: str | None = None
    billing_cycle_end_date: str | None = None
    billing_cycle_end_date_time: str | None = None
    status: Enumerated = None
    billing_type: Enumerated = None
    contract_type: Enumerated = None
    billing_cycle: Enumerated = None
    auto_renew_enabled: bool | None = None
    is_trial: bool | None = None
    has_purchasable_addons: bool | None = None
    is_microsoft_product: bool | None = None
    attention_needed: bool | None = None
    action_taken: bool | None = None
    term_duration: str | None = None
    renewal_term_duration: str | None = None
    product_type: ProductType | None = None
    publisher_name: str | None = None
    partner_id: str | None = None
    promotion_id: str | None = None
    product_order_id: str | None = None
    migrated_from_subscription_id: str | None = None
    actions: tuple[str, ...] | None = None
    suspension_reasons: tuple[str, ...] | None = None
    refund_options: tuple[RefundOption, ...] | None = None
    refundable_quantity: RefundableQuantity | None = None
    scheduled_next_term_instructions: TermInstructions | None = None
    next_charge_instructions: TermInstructions | None = None
    consumption_type: PassedThrough = None
    line_items: PassedThrough = None
    links: Links | None = None
    attributes: Attributes | None = None


class SubscriptionProvisioningStatus(WireModel):
    """CONTRACT 5.5."""

    sku_id: str | None = None
    status: Enumerated = None
    quantity: Number | None = None
    end_date: str | None = None
    attributes: Attributes | None = None
