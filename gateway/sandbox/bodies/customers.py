"""`Customer`: partial in lists, full by id (CONTRACT 5.6)."""

from gateway.sandbox.bodies.envelope import Body, build_attributes, build_link
from gateway.sandbox.enums import Relationship
from gateway.sandbox.identity import guid, hash_parts
from gateway.sandbox.records import Customer, Profile


def build_partial_customer(profile: Profile) -> Body:
    return {
        "id": profile.id,
        "companyProfile": _build_company_profile(profile),
        "relationshipToPartner": Relationship.RESELLER,
        "links": {"self": build_link(f"/customers/{profile.id}")},
        "attributes": build_attributes("Customer"),
    }


def build_full_customer(customer: Customer) -> Body:
    """Build a customer as a read by id returns it.

    Without delegated access, some members of the JSON object are missing.
    """
    profile = customer.profile
    company = _build_company_profile(profile)
    body: Body = {
        "id": profile.id,
        "commerceId": guid("commerce", profile.id),
        "companyProfile": company,
        "billingProfile": _build_billing_profile(profile),
        "relationshipToPartner": Relationship.RESELLER,
        "allowDelegatedAccess": customer.allows_delegated_access,
    }
    if customer.allows_delegated_access:
        company["address"] = _build_address(profile)
        company["email"] = profile.email
        body["customDomains"] = [profile.domain]
    body["links"] = {"self": build_link(f"/customers/{profile.id}")}
    body["attributes"] = build_attributes("Customer")
    return body


def _build_company_profile(profile: Profile) -> Body:
    return {
        "tenantId": profile.id,
        "domain": profile.domain,
        "companyName": profile.company_name,
        "links": {"self": build_link(f"/customers/{profile.id}/profiles/company")},
        "attributes": build_attributes("CustomerCompanyProfile"),
    }


def _build_address(profile: Profile) -> Body:
    return {
        "country": profile.country,
        "region": profile.region,
        "city": profile.city,
        "addressLine1": profile.street,
        "postalCode": profile.postal_code,
        "phoneNumber": profile.phone,
    }


def _build_billing_profile(profile: Profile) -> Body:
    etag = str(hash_parts("billing", profile.id, size=8) - 2**63)
    return {
        "id": guid("billing", profile.id),
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "email": profile.email,
        "culture": profile.culture,
        "language": profile.culture[:2],
        "companyName": profile.company_name,
        "defaultAddress": {
            "country": profile.country,
            "city": profile.city,
            "state": profile.region,
            "addressLine1": profile.street,
            "postalCode": profile.postal_code,
            "firstName": profile.first_name,
            "lastName": profile.last_name,
            "phoneNumber": profile.phone,
        },
        "links": {"self": build_link(f"/customers/{profile.id}/profiles/billing")},
        "attributes": build_attributes("CustomerBillingProfile", etag),
    }
