"""`Customer`, thin in lists and full by id (CONTRACT 5.6)."""

from gateway.sandbox.bodies.envelope import Body, attributes, link
from gateway.sandbox.enums import Relationship
from gateway.sandbox.identity import guid, hash_parts
from gateway.sandbox.records import Account, Profile


def list_item(profile: Profile) -> Body:
    """An item of the customer list."""
    return {
        "id": profile.id,
        "companyProfile": _company(profile),
        "relationshipToPartner": Relationship.RESELLER,
        "links": {"self": link(f"/customers/{profile.id}")},
        "attributes": attributes("Customer"),
    }


def full(account: Account) -> Body:
    """The answer to a read by id; delegated access decides how much of it there is."""
    profile = account.profile
    company = _company(profile)
    body: Body = {
        "id": profile.id,
        "commerceId": guid("commerce", profile.id),
        "companyProfile": company,
        "billingProfile": _billing(profile),
        "relationshipToPartner": Relationship.RESELLER,
        "allowDelegatedAccess": account.allows_delegated_access,
    }
    if account.allows_delegated_access:
        company["address"] = _address(profile)
        company["email"] = profile.email
        body["customDomains"] = [profile.domain]
    body["links"] = {"self": link(f"/customers/{profile.id}")}
    body["attributes"] = attributes("Customer")
    return body


def _company(profile: Profile) -> Body:
    return {
        "tenantId": profile.id,
        "domain": profile.domain,
        "companyName": profile.company_name,
        "links": {"self": link(f"/customers/{profile.id}/profiles/company")},
        "attributes": attributes("CustomerCompanyProfile"),
    }


def _address(profile: Profile) -> Body:
    return {
        "country": profile.country,
        "region": profile.region,
        "city": profile.city,
        "addressLine1": profile.street,
        "postalCode": profile.postal_code,
        "phoneNumber": profile.phone,
    }


def _billing(profile: Profile) -> Body:
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
        "links": {"self": link(f"/customers/{profile.id}/profiles/billing")},
        "attributes": attributes("CustomerBillingProfile", etag),
    }
