"""Availabilities of SKUs. Source: CONTRACT 4.30, 4.31, 5.11."""

from collections.abc import Sequence
from typing import Final

from msgspec import MsgspecError

import schema.availability as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    WireEnum,
    WireInt,
    WireJson,
    WireModel,
    WireText,
    to_id,
    to_json,
    to_texts,
)
from gateway.upstream.models.enums import BILLING_CYCLE, REFUND_TYPE, raw_enum
from gateway.upstream.models.resource import (
    WireAttributes,
    WireCollection,
    WireLinks,
    to_attributes,
    to_links,
)


class WireCurrency(WireModel):
    code: WireText | None = None
    symbol: WireText | None = None


class WireRenewalOption(WireModel):
    renew_to_id: WireText | None = None
    is_auto_renewable: bool | None = None


class WireRenewalInstruction(WireModel):
    applicable_term_ids: tuple[str, ...] | None = None
    renewal_options: tuple[WireRenewalOption, ...] | None = None


class WireTermRefundOption(WireModel):
    sequence_id: WireInt | None = None
    type: WireEnum = None
    expires_after: WireText | None = None


class WireCancellationPolicy(WireModel):
    refund_options: tuple[WireTermRefundOption, ...] | None = None


class WireAvailabilityTerm(WireModel):
    id: WireText | None = None
    duration: WireText | None = None
    description: WireText | None = None
    billing_cycle: WireEnum = None
    cancellation_policies: tuple[WireCancellationPolicy, ...] | None = None


class WireAvailability(WireModel):
    id: str
    product_id: WireText | None = None
    sku_id: WireText | None = None
    catalog_item_id: WireText | None = None
    default_currency: WireCurrency | None = None
    segment: WireText | None = None
    country: WireText | None = None
    is_purchasable: bool | None = None
    is_renewable: bool | None = None
    renewal_instructions: tuple[WireRenewalInstruction, ...] | None = None
    terms: tuple[WireAvailabilityTerm, ...] | None = None
    product: WireJson = None
    sku: WireJson = None
    links: WireLinks | None = None
    attributes: WireAttributes | None = None


_AVAILABILITY: Final = Decoder(WireAvailability)
_AVAILABILITIES: Final = Decoder(WireCollection[WireAvailability])


def decode_availability(body: bytes) -> graph.Availability:
    return _to_availability(_AVAILABILITY(body))


def decode_availabilities(body: bytes) -> Sequence[graph.Availability]:
    """Decode a collection, or the single object that one of the vendor's documents shows (Q45)."""
    try:
        listed = _AVAILABILITIES(body).items or ()
    except (MsgspecError, ValueError):
        return [decode_availability(body)]
    return [_to_availability(wire) for wire in listed]


def _to_availability(wire: WireAvailability) -> graph.Availability:
    return graph.Availability(
        id=to_id(wire.id),
        product_id=to_id(wire.product_id),
        sku_id=to_id(wire.sku_id),
        catalog_item_id=to_id(wire.catalog_item_id),
        default_currency=_to_currency(wire.default_currency),
        segment=wire.segment,
        country=wire.country,
        is_purchasable=wire.is_purchasable,
        is_renewable=wire.is_renewable,
        renewal_instructions=[_to_renewal(each) for each in wire.renewal_instructions or ()],
        terms=[_to_term(term) for term in wire.terms or ()],
        product=to_json(wire.product),
        sku=to_json(wire.sku),
        links=to_links(wire.links),
        attributes=to_attributes(wire.attributes),
    )


def _to_currency(wire: WireCurrency | None) -> graph.Currency | None:
    return None if wire is None else graph.Currency(code=wire.code, symbol=wire.symbol)


def _to_renewal(wire: WireRenewalInstruction) -> graph.RenewalInstruction:
    return graph.RenewalInstruction(
        applicable_term_ids=to_texts(wire.applicable_term_ids),
        renewal_options=[
            graph.RenewalOption(
                renew_to_id=option.renew_to_id, is_auto_renewable=option.is_auto_renewable
            )
            for option in wire.renewal_options or ()
        ],
    )


def _to_term(wire: WireAvailabilityTerm) -> graph.AvailabilityTerm:
    return graph.AvailabilityTerm(
        id=to_id(wire.id),
        duration=wire.duration,
        description=wire.description,
        billing_cycle=BILLING_CYCLE(wire.billing_cycle),
        raw_billing_cycle=raw_enum(wire.billing_cycle),
        cancellation_policies=[
            graph.CancellationPolicy(
                refund_options=[_to_refund_option(option) for option in policy.refund_options or ()]
            )
            for policy in wire.cancellation_policies or ()
        ],
    )


def _to_refund_option(wire: WireTermRefundOption) -> graph.TermRefundOption:
    return graph.TermRefundOption(
        sequence_id=wire.sequence_id,
        type=REFUND_TYPE(wire.type),
        raw_type=raw_enum(wire.type),
        expires_after=wire.expires_after,
    )
