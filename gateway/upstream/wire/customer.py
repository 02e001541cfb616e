"""Customers. Source: CONTRACT 5.6."""

from gateway.upstream.wire.resource import Attributes, Enumerated, Links, Text, WireModel


class Address(WireModel):
    """CONTRACT 5.6."""

    id: Text | None = None
    country: Text | None = None
    region: Text | None = None
    city: Text | None = None
    state: Text | None = None
    district: Text | None = None
    address_line1: Text | None = None
    address_line2: Text | None = None
    address_line3: Text | None = None
    postal_code: Text | None = None
    first_name: Text | None = None
    middle_name: Text | None = None
    last_name: Text | None = None
    email_address: Text | None = None
    phone_number: Text | None = None


class CompanyProfile(WireModel):
    """CONTRACT 5.6."""

    tenant_id: Text | None = None
    domain: Text | None = None
    company_name: Text | None = None
    address: Address | None = None
    email: Text | None = None
    organization_registration_number: Text | None = None
    links: Links | None = None
    attributes: Attributes | None = None


class BillingProfile(WireModel):
    """CONTRACT 5.6."""

    id: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    email: Text | None = None
    culture: Text | None = None
    language: Text | None = None
    company_name: Text | None = None
    default_address: Address | None = None
    links: Links | None = None
    attributes: Attributes | None = None


class Customer(WireModel):
    """CONTRACT 5.6, without `userCredentials`: they go to the vendor only, on creation."""

    id: str
    commerce_id: Text | None = None
    company_profile: CompanyProfile | None = None
    billing_profile: BillingProfile | None = None
    relationship_to_partner: Enumerated = None
    allow_delegated_access: bool | None = None
    custom_domains: tuple[str, ...] | None = None
    associated_partner_id: Text | None = None
    links: Links | None = None
    attributes: Attributes | None = None
