"""What was agreed for a subscription. Source: CONTRACT 5.5."""

import schema.subscription_terms as graph
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.values import identifier, instant, text
from gateway.upstream.wire import subscription as wire


def product_type(sent: wire.ProductType | None) -> graph.ProductType | None:
    """Map productType."""
    if sent is None:
        return None
    return graph.ProductType(
        id=identifier(sent.id),
        display_name=text(sent.display_name),
        sub_type=product_type(sent.sub_type),
    )


def refund_option(sent: wire.RefundOption) -> graph.RefundOption:
    """Map one of refundOptions, whose end has two names (CONTRACT 11, Q15)."""
    return graph.RefundOption(
        type=enums.REFUND_TYPE(sent.type),
        raw_type=enums.raw_text(sent.type),
        expires_at=instant(sent.expires_at) or instant(sent.expires_after),
        raw_expires_at=text(sent.expires_at) or text(sent.expires_after),
    )


def refundable_quantity(sent: wire.RefundableQuantity | None) -> graph.RefundableQuantity | None:
    """Map refundableQuantity."""
    if sent is None:
        return None
    return graph.RefundableQuantity(
        total_quantity=sent.total_quantity,
        details=[
            graph.RefundableQuantityDetail(
                quantity=detail.quantity,
                allowed_until_date_time=instant(detail.allowed_until_date_time),
                raw_allowed_until_date_time=text(detail.allowed_until_date_time),
            )
            for detail in sent.details or ()
        ],
    )


def instructions(sent: wire.TermInstructions | None) -> graph.TermInstructions | None:
    """Map scheduledNextTermInstructions or nextChargeInstructions."""
    if sent is None:
        return None
    return graph.TermInstructions(
        product=_term_product(sent.product),
        quantity=sent.quantity,
        custom_term_end_date=instant(sent.custom_term_end_date),
        raw_custom_term_end_date=text(sent.custom_term_end_date),
    )


def _term_product(sent: wire.TermProduct | None) -> graph.TermProduct | None:
    if sent is None:
        return None
    return graph.TermProduct(
        product_id=identifier(sent.product_id),
        sku_id=identifier(sent.sku_id),
        availability_id=identifier(sent.availability_id),
        billing_cycle=enums.BILLING_CYCLE(sent.billing_cycle),
        raw_billing_cycle=enums.raw_text(sent.billing_cycle),
        term_duration=text(sent.term_duration),
        promotion_id=identifier(sent.promotion_id),
    )
