"""Products and SKUs of new commerce. Source: CONTRACT 4.28, 4.29, 5.11."""

from typing import Final

import schema.product as graph
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
from gateway.upstream.models.enums import BILLING_CYCLE, raw_enum
from gateway.upstream.models.resource import WireAttributes, WireLinks, to_attributes, to_link
from gateway.upstream.models.subscription_terms import WireProductType, to_product_type
from schema.keys import SkuKey


class WireProduct(WireModel):
    id: str
    title: WireText | None = None
    description: WireText | None = None
    product_type: WireProductType | None = None
    is_microsoft_product: bool | None = None
    publisher_name: WireText | None = None
    links: WireLinks | None = None
    attributes: WireAttributes | None = None


class WireSku(WireModel):
    id: str
    product_id: WireText | None = None
    title: WireText | None = None
    description: WireText | None = None
    minimum_quantity: WireInt | None = None
    maximum_quantity: WireInt | None = None
    is_trial: bool | None = None
    supported_billing_cycles: tuple[WireEnum, ...] | None = None
    purchase_prerequisites: tuple[str, ...] | None = None
    inventory_variables: tuple[str, ...] | None = None
    provisioning_variables: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    dynamic_attributes: WireJson = None
    consumption_type: WireText | None = None
    attestation_properties: WireJson = None
    links: WireLinks | None = None
    attributes: WireAttributes | None = None


_PRODUCT: Final = Decoder(WireProduct)
_SKU: Final = Decoder(WireSku)


def decode_product(body: bytes) -> graph.Product:
    wire = _PRODUCT(body)
    return graph.Product(
        id=to_id(wire.id),
        title=wire.title,
        description=wire.description,
        product_type=to_product_type(wire.product_type),
        is_microsoft_product=wire.is_microsoft_product,
        publisher_name=wire.publisher_name,
        links=_to_product_links(wire.links),
        attributes=to_attributes(wire.attributes),
    )


def decode_sku(body: bytes, key: SkuKey) -> graph.Sku:
    wire = _SKU(body)
    cycles = [cycle for cycle in wire.supported_billing_cycles or () if cycle not in (None, "")]
    return graph.Sku(
        id=to_id(wire.id),
        product_id=to_id(wire.product_id),
        title=wire.title,
        description=wire.description,
        minimum_quantity=wire.minimum_quantity,
        maximum_quantity=wire.maximum_quantity,
        is_trial=wire.is_trial,
        supported_billing_cycles=[BILLING_CYCLE.required(cycle) for cycle in cycles],
        raw_supported_billing_cycles=[raw_enum(cycle) or "" for cycle in cycles],
        purchase_prerequisites=to_texts(wire.purchase_prerequisites),
        inventory_variables=to_texts(wire.inventory_variables),
        provisioning_variables=to_texts(wire.provisioning_variables),
        actions=to_texts(wire.actions),
        dynamic_attributes=to_json(wire.dynamic_attributes),
        consumption_type=wire.consumption_type,
        attestation_properties=to_json(wire.attestation_properties),
        links=_to_sku_links(wire.links),
        attributes=to_attributes(wire.attributes),
        key=key,
    )


def _to_product_links(wire: WireLinks | None) -> graph.ProductLinks | None:
    if wire is None:
        return None
    return graph.ProductLinks(
        self_=to_link(wire.self_),
        next=to_link(wire.next),
        previous=to_link(wire.previous),
        skus=to_link(wire.skus),
        attributes=to_attributes(wire.attributes),
    )


def _to_sku_links(wire: WireLinks | None) -> graph.SkuLinks | None:
    if wire is None:
        return None
    return graph.SkuLinks(
        self_=to_link(wire.self_),
        next=to_link(wire.next),
        previous=to_link(wire.previous),
        availabilities=to_link(wire.availabilities),
        attributes=to_attributes(wire.attributes),
    )
