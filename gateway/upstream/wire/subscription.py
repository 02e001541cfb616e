"""What belongs to subscriptions. Source: CONTRACT 5.5."""

from gateway.upstream.wire.resource import Attributes, Enumerated, Number, Text, WireModel


class ProductType(WireModel):
    """CONTRACT 5.5."""

    id: Text | None = None
    display_name: Text | None = None
    sub_type: "ProductType | None" = None


class RefundOption(WireModel):
    """CONTRACT 5.5; `expiresAt` or `expiresAfter` (Q15)."""

    type: Enumerated = None
    expires_at: Text | None = None
    expires_after: Text | None = None


class RefundableQuantityDetail(WireModel):
    """CONTRACT 5.5."""

    quantity: Number | None = None
    allowed_until_date_time: Text | None = None


class RefundableQuantity(WireModel):
    """CONTRACT 5.5."""

    total_quantity: Number | None = None
    details: tuple[RefundableQuantityDetail, ...] | None = None


class TermProduct(WireModel):
    """CONTRACT 5.5."""

    product_id: Text | None = None
    sku_id: Text | None = None
    availability_id: Text | None = None
    billing_cycle: Enumerated = None
    term_duration: Text | None = None
    promotion_id: Text | None = None


class TermInstructions(WireModel):
    """CONTRACT 5.5."""

    product: TermProduct | None = None
    quantity: Number | None = None
    custom_term_end_date: Text | None = None


class SubscriptionProvisioningStatus(WireModel):
    """CONTRACT 5.5."""

    sku_id: Text | None = None
    status: Enumerated = None
    quantity: Number | None = None
    end_date: Text | None = None
    attributes: Attributes | None = None
