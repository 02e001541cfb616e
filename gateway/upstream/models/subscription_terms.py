"""The terms of a subscription: product, refunds, next term. Source: CONTRACT 5.5."""

import schema.subscription_terms as graph
from gateway.upstream.models.base import (
    WireEnum,
    WireInt,
    WireModel,
    WireText,
    to_datetime,
    to_id,
)
from gateway.upstream.models.enums import BILLING_CYCLE, REFUND_TYPE, raw_enum


class WireProductType(WireModel):
    id: WireText | None = None
    display_name: WireText | None = None
    sub_type: "WireProductType | None" = None


class WireRefundOption(WireModel):
    """A refund option (CONTRACT 5.5). Its end is `expiresAt` or `expiresAfter` (Q15)."""

    type: WireEnum = None
    expires_at: WireText | None = None
    expires_after: WireText | None = None


class WireRefundableQuantityDetail(WireModel):
    quantity: WireInt | None = None
    allowed_until_date_time: WireText | None = None


class WireRefundableQuantity(WireModel):
    total_quantity: WireInt | None = None
    details: tuple[WireRefundableQuantityDetail, ...] | None = None


class WireTermProduct(WireModel):
    product_id: WireText | None = None
    sku_id: WireText | None = None
    availability_id: WireText | None = None
    billing_cycle: WireEnum = None
    term_duration: WireText | None = None
    promotion_id: WireText | None = None


class WireTermInstructions(WireModel):
    product: WireTermProduct | None = None
    quantity: WireInt | None = None
    custom_term_end_date: WireText | None = None


def to_product_type(wire: WireProductType | None) -> graph.ProductType | None:
    if wire is None:
        return None
    return graph.ProductType(
        id=to_id(wire.id),
        display_name=wire.display_name,
        sub_type=to_product_type(wire.sub_type),
    )


def to_refund_option(wire: WireRefundOption) -> graph.RefundOption:
    return graph.RefundOption(
        type=REFUND_TYPE(wire.type),
        raw_type=raw_enum(wire.type),
        expires_at=to_datetime(wire.expires_at) or to_datetime(wire.expires_after),
        raw_expires_at=wire.expires_at or wire.expires_after,
    )


def to_refundable_quantity(wire: WireRefundableQuantity | None) -> graph.RefundableQuantity | None:
    if wire is None:
        return None
    return graph.RefundableQuantity(
        total_quantity=wire.total_quantity,
        details=[
            graph.RefundableQuantityDetail(
                quantity=detail.quantity,
                allowed_until_date_time=to_datetime(detail.allowed_until_date_time),
                raw_allowed_until_date_time=detail.allowed_until_date_time,
            )
            for detail in wire.details or ()
        ],
    )


def to_term_instructions(wire: WireTermInstructions | None) -> graph.TermInstructions | None:
    """Convert `scheduledNextTermInstructions` or `nextChargeInstructions`."""
    if wire is None:
        return None
    return graph.TermInstructions(
        product=_to_term_product(wire.product),
        quantity=wire.quantity,
        custom_term_end_date=to_datetime(wire.custom_term_end_date),
        raw_custom_term_end_date=wire.custom_term_end_date,
    )


def _to_term_product(wire: WireTermProduct | None) -> graph.TermProduct | None:
    if wire is None:
        return None
    return graph.TermProduct(
        product_id=to_id(wire.product_id),
        sku_id=to_id(wire.sku_id),
        availability_id=to_id(wire.availability_id),
        billing_cycle=BILLING_CYCLE(wire.billing_cycle),
        raw_billing_cycle=raw_enum(wire.billing_cycle),
        term_duration=wire.term_duration,
        promotion_id=to_id(wire.promotion_id),
    )
