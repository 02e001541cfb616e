"""What belongs to subscriptions. Source: CONTRACT 5.5."""

from gateway.upstream.wire.resource import (
    Attributes,
    Enumerated,
    Number,
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


class SubscriptionProvisioningStatus(WireModel):
    """CONTRACT 5.5."""

    sku_id: str | None = None
    status: Enumerated = None
    quantity: Number | None = None
    end_date: str | None = None
    attributes: Attributes | None = None
