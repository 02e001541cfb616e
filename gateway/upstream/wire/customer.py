"""Customers. Source: CONTRACT 5.6."""

from gateway.upstream.wire.resource import Attributes, Enumerated, Links, WireModel


class Address(WireModel):
    """CONTRACT 5.6."""

    id: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    state: str | None = None
    district: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    postal_code: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    phone_number: str | None = None


class CompanyProfile(WireModel):
    """CONTRACT 5.6."""

    tenant_id: str | None = None
    domain: str | None = None
    company_name: str | None = None
    address: Address | None = None
    email: str | None = None
    organization_registration_number: str | None = None
    links: Links | None = None
    attributes: Attributes | None = None


class BillingProfile(WireModel):
    """CONTRACT 5.6."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    culture: str | None = None
    language: str | None = None
    company_name: str | None = None
    default_address: Address | None = None
    links: Links | None = None
    attributes: Attributes | None = None


class Customer(WireModel):
    """CONTRACT 5.6, without `userCredentials`: they go to the vendor only, on creation."""

    id: str
    commerce_id: str | None = None
    company_profile: CompanyProfile | None = None
    billing_profile: BillingProfile | None = None
    relationship_to_partner: Enumerated = None
    allow_delegated_access: bool | None = None
    custom_domains: tuple[str, ...] | None = None
    associated_partner_id: str | None = None
    links: Links | None = None
    attributes: Attributes | None = None
