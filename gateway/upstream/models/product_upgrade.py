"""Upgrades of a customer's products. Source: CONTRACT 5.3."""

from typing import Final

import msgspec
from strawberry import ID

import schema.product_upgrade as graph
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    WireEnum,
    WireModel,
    WireText,
    to_datetime,
    to_id,
)
from gateway.upstream.models.enums import PRODUCT_UPGRADE_STATE, raw_enum
from gateway.upstream.models.resource import WireAttributes, to_attributes
from schema.keys import ProductUpgradeKey


class WireProductUpgradesEligibility(WireModel):
    customer_id: WireText | None = None
    product_family: WireText | None = None
    is_eligible: bool | None = None
    upgrade_id: WireText | None = None
    reason: WireText | None = None
    attributes: WireAttributes | None = None


class WireErrorDetails(WireModel):
    """An error of a line item (CONTRACT 5.3).

    Its text is `message` in the documents and `description` in the SDK (Q15).
    """

    code: str | int | None = None
    message: WireText | None = None
    description: WireText | None = None
    attributes: WireAttributes | None = None


class WireUpgradeProduct(WireModel):
    id: WireText | None = None
    name: WireText | None = None
    attributes: WireAttributes | None = None


class WireUpgradesLineItem(WireModel):
    source_product: WireUpgradeProduct | None = None
    target_product: WireUpgradeProduct | None = None
    upgraded_date: WireText | None = None
    status: WireEnum = None
    error_details: WireErrorDetails | None = None
    attributes: WireAttributes | None = None


class WireProductUpgradesStatus(WireModel):
    id: str
    product_family: WireText | None = None
    status: WireEnum = None
    line_items: tuple[WireUpgradesLineItem, ...] | None = None
    error_details: WireErrorDetails | None = None
    attributes: WireAttributes | None = None


_ELIGIBILITY: Final = Decoder(WireProductUpgradesEligibility)
_STATUS: Final = Decoder(WireProductUpgradesStatus)


def encode_request(key: ProductUpgradeKey) -> bytes:
    """Encode the body of all three calls. Its first two members are enough (CONTRACT 4.11)."""
    members = {"customerId": key.customer_id, "productFamily": key.product_family}
    if key.attributes is None:
        return msgspec.json.encode(members)
    return msgspec.json.encode({**members, "attributes": key.attributes})


def decode_eligibility(body: bytes, key: ProductUpgradeKey) -> graph.ProductUpgradesEligibility:
    """Decode an eligibility. The customer is taken from the request: the body has none (Q26)."""
    return to_eligibility(_ELIGIBILITY(body), key)


def decode_status(body: bytes, customer_id: str) -> graph.ProductUpgradesStatus:
    """Decode a status. The customer is taken from the request: the body has none."""
    wire = _STATUS(body)
    return graph.ProductUpgradesStatus(
        customer_id=customer_id,
        id=ID(wire.id),
        product_family=wire.product_family,
        status=PRODUCT_UPGRADE_STATE.required(wire.status),
        raw_status=raw_enum(wire.status),
        line_items=[_to_line_item(item, customer_id) for item in wire.line_items or ()],
        error_details=_to_error_details(wire.error_details),
        attributes=to_attributes(wire.attributes),
    )


def to_eligibility(
    wire: WireProductUpgradesEligibility, key: ProductUpgradeKey
) -> graph.ProductUpgradesEligibility:
    return graph.ProductUpgradesEligibility(
        key=key,
        customer_id=to_id(wire.customer_id),
        product_family=wire.product_family,
        is_eligible=bool(wire.is_eligible),
        upgrade_id=to_id(wire.upgrade_id),
        reason=wire.reason,
        attributes=to_attributes(wire.attributes),
    )


def _to_line_item(wire: WireUpgradesLineItem, customer_id: str) -> graph.UpgradesLineItem:
    return graph.UpgradesLineItem(
        source_product=_to_product(wire.source_product, customer_id),
        target_product=_to_product(wire.target_product, customer_id),
        upgraded_date=to_datetime(wire.upgraded_date),
        raw_upgraded_date=wire.upgraded_date,
        status=PRODUCT_UPGRADE_STATE(wire.status),
        raw_status=raw_enum(wire.status),
        error_details=_to_error_details(wire.error_details),
        attributes=to_attributes(wire.attributes),
    )


def _to_product(wire: WireUpgradeProduct | None, customer_id: str) -> graph.UpgradeProduct | None:
    if wire is None:
        return None
    return graph.UpgradeProduct(
        id=to_id(wire.id),
        name=wire.name,
        attributes=to_attributes(wire.attributes),
        customer_id=customer_id,
    )


def _to_error_details(wire: WireErrorDetails | None) -> graph.ErrorDetails | None:
    if wire is None:
        return None
    return graph.ErrorDetails(
        code=raw_enum(wire.code),
        message=wire.message or wire.description,
        attributes=to_attributes(wire.attributes),
    )
