"""Offers. Source: CONTRACT 5.4."""

from gateway.upstream.wire.resource import (
    Attributes,
    Enumerated,
    Links,
    Number,
    PassedThrough,
    WireModel,
)


class OfferCategory(WireModel):
    """CONTRACT 5.4."""

    id: str | None = None
    name: str | None = None
    rank: Number | None = None
    locale: str | None = None
    country: str | None = None
    links: Links | None = None
    attributes: Attributes | None = None


class OfferProduct(WireModel):
    """CONTRACT 5.4."""

    id: str | None = None
    name: str | None = None
    unit: str | None = None
    type: str | None = None


class AttestationProperties(WireModel):
    """CONTRACT 5.4."""

    attestation_type: str | None = None
    enforce_attestation: bool | None = None


class Offer(WireModel):
    """CONTRACT 5.4."""

    id: str
    name: str | None = None
    description: str | None = None
    minimum_quantity: Number | None = None
    maximum_quantity: Number | None = None
    rank: Number | None = None
    uri: str | None = None
    locale: str | None = None
    country: str | None = None
    category: OfferCategory | None = None
    limit_unit_of_measure: Enumerated = None
    limit: Number | None = None
    prerequisite_offers: tuple[str, ...] | None = None
    is_add_on: bool | None = None
    has_add_ons: bool | None = None
    is_available_for_purchase: bool | None = None
    billing: Enumerated = None
    supported_billing_cycles: tuple[str | int, ...] | None = None
    is_auto_renewable: bool | None = None
    is_trial: bool | None = None
    is_internal: bool | None = None
    is_microsoft_product: bool | None = None
    upgrade_target_offers: tuple[str, ...] | None = None
    conversion_target_offers: tuple[str, ...] | None = None
    resellee_qualifications: tuple[str, ...] | None = None
    reseller_qualifications: tuple[str, ...] | None = None
    partner_qualifications: tuple[str, ...] | None = None
    sales_group_id: str | None = None
    attestation_properties: AttestationProperties | None = None
    product: OfferProduct | None = None
    unit_type: str | None = None
    acquisition_type: str | None = None
    actions: tuple[str, ...] | None = None
    additional_properties: PassedThrough = None
    supported_catalog_types: tuple[str, ...] | None = None
    links: Links | None = None
    attributes: Attributes | None = None
