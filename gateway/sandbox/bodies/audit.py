"""`AuditRecord` (CONTRACT 5.9), and the resources in it."""

import json
from typing import Any, Final

from gateway.sandbox.audit_log import AuditEntry
from gateway.sandbox.bodies.envelope import Body, build_attributes, build_link
from gateway.sandbox.quirks import Quirk, WireProfile
from gateway.sandbox.rendering import apply_quirks
from gateway.sandbox.timestamps import Timestamp

_PASCAL_CASE: Final = WireProfile(frozenset({Quirk.PASCAL_CASE}))


def build_audit_record(entry: AuditEntry, now_s: float) -> Body:
    """Build a record. It may lack members, as some of the vendor's records do (Q38)."""
    write = entry.write
    body: Body = {"id": entry.id} if write.has_id else {}
    body["partnerId"] = entry.partner_id
    if write.has_id:
        body["participants"] = [entry.partner_id]
    optional = {
        "customerId": write.profile.id,
        "customerName": write.profile.company_name,
        "userPrincipalName": write.user,
        "applicationId": write.application_id,
        "resourceType": write.resource_type,
        "resourceOldValue": write.old_value,
        "resourceNewValue": write.new_value,
        "operationType": write.operation_type,
        "originalCorrelationId": write.correlation_id,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    return body | {
        "operationDate": Timestamp(entry.happened_s, digits=7),
        "operationStatus": _get_status(entry, now_s),
        "customizedData": [{"key": key, "value": value} for key, value in write.customized],
        "attributes": build_attributes("AuditRecord"),
    }


def render_resource(body: Body) -> str:
    """Encode a resource as a record contains it: as text, JSON with PascalCase members (Q37)."""
    resource: Any = apply_quirks(body, _PASCAL_CASE)
    return json.dumps(resource, separators=(",", ":"))


def build_order(subscription: Body, customer_id: str) -> Body:
    """Build the order for a subscription, as an audit record of `create_order` contains it."""
    order_id = subscription["orderId"]
    uri = f"/customers/{customer_id}"
    return {
        "id": order_id,
        "referenceCustomerId": customer_id,
        "billingCycle": subscription["billingCycle"],
        "lineItems": [
            {
                "lineItemNumber": 0,
                "offerId": subscription["offerId"],
                "subscriptionId": subscription["id"],
                "parentSubscriptionId": None,
                "friendlyName": subscription["friendlyName"],
                "quantity": subscription["quantity"],
                "partnerIdOnRecord": None,
                "links": {"subscription": build_link(f"{uri}/subscriptions/{subscription['id']}")},
            }
        ],
        "creationDate": subscription["creationDate"],
        "links": {"self": build_link(f"{uri}/orders/{order_id}")},
        "attributes": build_attributes("Order"),
    }


def _get_status(entry: AuditEntry, now_s: float) -> str:
    if now_s < entry.write.ends_s:
        return "progress"
    return "failed" if entry.write.fails else "succeeded"
