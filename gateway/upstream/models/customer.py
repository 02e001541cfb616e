"""Customers. Source: CONTRACT 5.6."""

from typing import Final

from strawberry import ID

import schema.customer as graph
import schema.customer_profiles as profiles
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.base import (
    WireEnum,
    WireModel,
    WireText,
    to_id,
    to_texts,
)
from gateway.upstream.models.enums import RELATIONSHIP, raw_enum
from gateway.upstream.models.resource import WireAttributes, WireLinks, to_attributes, to_links
from schema.keys import CustomerKey


class WireAddress(WireModel):
    id: WireText | None = None
    country: WireText | None = None
    region: WireText | None = None
    city: WireText | None = None
    state: WireText | None = None
    district: WireText | None = None
    address_line1: WireText | None = None
    address_line2: WireText | None = None
    address_line3: WireText | None = None
    postal_code: WireText | None = None
    first_name: WireText | None = None
    middle_name: WireText | None = None
    last_name: WireText | None = None
    email_address: WireText | None = None
    phone_number: WireText | None = None


class WireCompanyProfile(WireModel):
    tenant_id: WireText | None = None
    domain: WireText | None = None
    company_name: WireText | None = None
    address: WireAddress | None = None
    email: WireText | None = None
    organization_registration_number: WireText | None = None
    links: WireLinks | None = None
    attributes: WireAttributes | None = None


class WireBillingProfile(WireModel):
    id: WireText | None = None
    first_name: WireText | None = None
    last_name: WireText | None = None
    email: WireText | None = None
    culture: WireText | None = None
    language: WireText | None = None
    company_name: WireText | None = None
    default_address: WireAddress | None = None
    links: WireLinks | None = None
    attributes: WireAttributes | None = None


class WireCustomer(WireModel):
    """A customer (CONTRACT 5.6), without `userCredentials`, which the vendor never returns."""

    id: str
    commerce_id: WireText | None = None
    company_profile: WireCompanyProfile | None = None
    billing_profile: WireBillingProfile | None = None
    relationship_to_partner: WireEnum = None
    allow_delegated_access: bool | None = None
    custom_domains: tuple[str, ...] | None = None
    associated_partner_id: WireText | None = None
    links: WireLinks | None = None
    attributes: WireAttributes | None = None


_CUSTOMER: Final = Decoder(WireCustomer)


def decode_customer(body: bytes) -> graph.Customer:
    return to_full_customer(_CUSTOMER(body))


def to_partial_customer(wire: WireCustomer) -> graph.Customer:
    """Convert a customer from a list, which lacks some members (CONTRACT 4.1)."""
    return _to_customer(wire, None)


def to_full_customer(wire: WireCustomer) -> graph.Customer:
    """Convert a customer that was read by its id."""
    detail = graph.CustomerDetail(
        commerce_id=wire.commerce_id,
        billing_profile=_to_billing_profile(wire.billing_profile),
        allow_delegated_access=wire.allow_delegated_access,
        custom_domains=to_texts(wire.custom_domains),
        associated_partner_id=wire.associated_partner_id,
    )
    return _to_customer(wire, detail)


def _to_customer(wire: WireCustomer, detail: graph.CustomerDetail | None) -> graph.Customer:
    profile = wire.company_profile or WireCompanyProfile()
    return graph.Customer(
        detail=detail,
        id=ID(wire.id),
        company_profile=_to_company_profile(
            profile, CustomerKey(wire.id), is_full=detail is not None
        ),
        relationship_to_partner=RELATIONSHIP(wire.relationship_to_partner),
        raw_relationship_to_partner=raw_enum(wire.relationship_to_partner),
        links=to_links(wire.links),
        attributes=to_attributes(wire.attributes),
    )


def _to_company_profile(
    wire: WireCompanyProfile, customer: CustomerKey, *, is_full: bool
) -> profiles.CompanyProfile:
    return profiles.CompanyProfile(
        customer=customer,
        is_full=is_full,
        tenant_id=to_id(wire.tenant_id),
        domain=wire.domain,
        company_name=wire.company_name,
        full_address=_to_address(wire.address),
        full_email=wire.email,
        full_registration=wire.organization_registration_number,
        links=to_links(wire.links),
        attributes=to_attributes(wire.attributes),
    )


def _to_billing_profile(wire: WireBillingProfile | None) -> profiles.BillingProfile | None:
    if wire is None:
        return None
    return profiles.BillingProfile(
        id=to_id(wire.id),
        first_name=wire.first_name,
        last_name=wire.last_name,
        email=wire.email,
        culture=wire.culture,
        language=wire.language,
        company_name=wire.company_name,
        default_address=_to_address(wire.default_address),
        links=to_links(wire.links),
        attributes=to_attributes(wire.attributes),
    )


def _to_address(wire: WireAddress | None) -> profiles.Address | None:
    if wire is None:
        return None
    return profiles.Address(
        id=to_id(wire.id),
        country=wire.country,
        region=wire.region,
        city=wire.city,
        state=wire.state,
        district=wire.district,
        address_line1=wire.address_line1,
        address_line2=wire.address_line2,
        address_line3=wire.address_line3,
        postal_code=wire.postal_code,
        first_name=wire.first_name,
        middle_name=wire.middle_name,
        last_name=wire.last_name,
        email_address=wire.email_address,
        phone_number=wire.phone_number,
    )
