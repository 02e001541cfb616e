"""Audit records. Source: CONTRACT 5.9, 6.9, 6.10; Q36 to Q39, Q42."""

from collections.abc import Mapping, Sequence
from typing import Final

import schema.audit_record as graph
from gateway.upstream.models.audit_value import redact
from gateway.upstream.models.base import (
    WireEnum,
    WireModel,
    WireText,
    to_datetime,
    to_id,
    to_json,
    to_texts,
)
from gateway.upstream.models.enums import AUDIT_OPERATION_STATUS, raw_enum
from gateway.upstream.models.resource import WireAttributes, to_attributes

# CONTRACT 6.9; the numbers that matter here.
_RESOURCE_TYPES: Final = {
    "1": "customer",
    "3": "order",
    "4": "subscription",
    "5": "license",
    "8": "transfer",
    "30": "new_commerce_migration",
    "31": "azure_entitlement",
}
_OPERATION_TYPES: Final = {
    "2": "update_subscription",
    "3": "upgrade_subscription",
    "4": "convert_trial_subscription",
    "11": "create_order",
    "12": "update_order",
    "78": "create_new_commerce_migration",
}


class WireAuditDetail(WireModel):
    key: WireText | None = None
    value: WireText | None = None


class WireAuditRecord(WireModel):
    """An audit record. Every member is optional (CONTRACT 5.9, Q38)."""

    id: WireText | None = None
    partner_id: WireText | None = None
    participants: tuple[str, ...] | None = None
    customer_id: WireText | None = None
    customer_name: WireText | None = None
    user_principal_name: WireText | None = None
    application_id: WireText | None = None
    resource_type: WireEnum = None
    operation_type: WireEnum = None
    operation_status: WireEnum = None
    resource_old_value: WireText | None = None
    resource_new_value: WireText | None = None
    original_correlation_id: WireText | None = None
    session_id: WireText | None = None
    operation_date: WireText | None = None
    customized_data: tuple[WireAuditDetail, ...] | None = None
    attributes: WireAttributes | None = None


def to_audit_record(wire: WireAuditRecord) -> graph.AuditRecord:
    """Convert a record. Its resource is redacted here, and not stored in full anywhere."""
    return graph.AuditRecord(
        id=to_id(wire.id),
        partner_id=to_id(wire.partner_id),
        participants=to_texts(wire.participants),
        customer_id=to_id(wire.customer_id),
        customer_name=wire.customer_name,
        user_principal_name=wire.user_principal_name,
        application_id=wire.application_id,
        resource_type=_to_name(wire.resource_type, _RESOURCE_TYPES),
        operation_type=_to_name(wire.operation_type, _OPERATION_TYPES),
        operation_status=AUDIT_OPERATION_STATUS(wire.operation_status),
        raw_operation_status=raw_enum(wire.operation_status),
        operation_date=to_datetime(wire.operation_date),
        raw_operation_date=wire.operation_date,
        original_correlation_id=wire.original_correlation_id,
        session_id=wire.session_id,
        resource_old_value=to_json(redact(wire.resource_old_value)),
        resource_new_value=to_json(redact(wire.resource_new_value)),
        customized_data=_to_details(wire.customized_data or ()),
        attributes=to_attributes(wire.attributes),
    )


def _to_name(raw: WireEnum, names: Mapping[str, str]) -> str | None:
    """Return the name of a number; names and unknown numbers unchanged."""
    text = raw_enum(raw)
    return None if text is None else names.get(text, text)


def _to_details(details: Sequence[WireAuditDetail]) -> list[graph.AuditDetail]:
    return [graph.AuditDetail(key=detail.key, value=detail.value) for detail in details]
