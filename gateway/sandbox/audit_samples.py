"""The records that every world has from its start: those of Alpine Ski House.

They lack members, name an application, and hold personal data, as the vendor's samples do.
"""

import json
from typing import Final

from gateway.sandbox.audit_log import AuditedWrite, AuditLog
from gateway.sandbox.identity import guid
from gateway.sandbox.options import Credentials
from gateway.sandbox.records import Profile
from gateway.sandbox.timestamps import DAY_S

_NATIVE_APP: Final = "Partner Center Native App"


def add_samples(log: AuditLog, profile: Profile, credentials: Credentials, now_s: float) -> None:
    """Record the creation of a sample customer and two assignments of licenses."""
    writes = (
        AuditedWrite(
            profile=profile,
            operation_type="add_customer",
            resource_type="customer",
            resource_id=profile.id,
            application_id=credentials.client_id,
            user="admin@partner.example",
            correlation_id=guid("correlation", profile.id),
            new_value=_render_customer(profile),
            customized=(("PrimaryDomainName", profile.domain), ("Relationship", "Reseller")),
        ),
        _build_license_record(profile, _NATIVE_APP, has_id=False),
        _build_license_record(profile, "FulfillmentService", has_id=True),
    )
    for days, write in zip((40, 3, 2), writes, strict=True):
        log.add(write, credentials.tenant_id, now_s - days * DAY_S)


def _build_license_record(profile: Profile, application: str, *, has_id: bool) -> AuditedWrite:
    """Describe an assignment, which has neither a correlation id nor a new value (Q38, Q39)."""
    user_id = guid("user", profile.id, application)
    return AuditedWrite(
        profile=profile,
        operation_type="update_customer_user_licenses",
        resource_type="license",
        resource_id=user_id,
        application_id=application,
        user="admin@partner.example",
        customized=(("CustomerUserId", user_id),),
        has_id=has_id,
    )


def _render_customer(profile: Profile) -> str:
    body = {
        "Id": profile.id,
        "CompanyProfile": {
            "TenantId": profile.id,
            "Domain": profile.domain,
            "CompanyName": profile.company_name,
        },
        "BillingProfile": {
            "FirstName": profile.first_name,
            "LastName": profile.last_name,
            "Email": profile.email,
        },
        "RelationshipToPartner": "reseller",
        "UserCredentials": {"userName": "admin", "password": ""},
        "Attributes": {"ObjectType": "Customer"},
    }
    return json.dumps(body, separators=(",", ":"))
