"""Customers. Source: CONTRACT 5.6."""

from strawberry import ID

import schema.customer as graph
import schema.customer_profiles as profiles
from gateway.upstream.mapping import enums
from gateway.upstream.mapping.resource import attributes, links
from gateway.upstream.mapping.values import identifier, text, texts
from gateway.upstream.wire import customer as wire
from schema.keys import CustomerKey


def listed_customer(sent: wire.Customer) -> graph.Customer:
    """Map a customer of a list, which lacks what `CustomerDetail` has (CONTRACT 4.1)."""
    return _customer(sent, None)


def full_customer(sent: wire.Customer) -> graph.Customer:
    """Map a customer that was asked for by its id."""
    detail = graph.CustomerDetail(
        commerce_id=text(sent.commerce_id),
        billing_profile=_billing_profile(sent.billing_profile),
        allow_delegated_access=sent.allow_delegated_access,
        custom_domains=texts(sent.custom_domains),
        associated_partner_id=text(sent.associated_partner_id),
    )
    return _customer(sent, detail)


def _customer(sent: wire.Customer, detail: graph.CustomerDetail | None) -> graph.Customer:
    profile = sent.company_profile or wire.CompanyProfile()
    return graph.Customer(
        detail=detail,
        id=ID(sent.id),
        company_profile=_company_profile(
            profile, CustomerKey(sent.id), is_whole=detail is not None
        ),
        relationship_to_partner=enums.RELATIONSHIP(sent.relationship_to_partner),
        raw_relationship_to_partner=enums.raw_text(sent.relationship_to_partner),
        links=links(sent.links),
        attributes=attributes(sent.attributes),
    )


def _company_profile(
    sent: wire.CompanyProfile, customer: CustomerKey, *, is_whole: bool
) -> profiles.CompanyProfile:
    return profiles.CompanyProfile(
        customer=customer,
        is_full=is_whole,
        tenant_id=identifier(sent.tenant_id),
        domain=text(sent.domain),
        company_name=text(sent.company_name),
        full_address=_address(sent.address),
        full_email=text(sent.email),
        full_registration=text(sent.organization_registration_number),
        links=links(sent.links),
        attributes=attributes(sent.attributes),
    )


def _billing_profile(sent: wire.BillingProfile | None) -> profiles.BillingProfile | None:
    if sent is None:
        return None
    return profiles.BillingProfile(
        id=identifier(sent.id),
        first_name=text(sent.first_name),
        last_name=text(sent.last_name),
        email=text(sent.email),
        culture=text(sent.culture),
        language=text(sent.language),
        company_name=text(sent.company_name),
        default_address=_address(sent.default_address),
        links=links(sent.links),
        attributes=attributes(sent.attributes),
    )


def _address(sent: wire.Address | None) -> profiles.Address | None:
    if sent is None:
        return None
    return profiles.Address(
        id=identifier(sent.id),
        country=text(sent.country),
        region=text(sent.region),
        city=text(sent.city),
        state=text(sent.state),
        district=text(sent.district),
        address_line1=text(sent.address_line1),
        address_line2=text(sent.address_line2),
        address_line3=text(sent.address_line3),
        postal_code=text(sent.postal_code),
        first_name=text(sent.first_name),
        middle_name=text(sent.middle_name),
        last_name=text(sent.last_name),
        email_address=text(sent.email_address),
        phone_number=text(sent.phone_number),
    )
