"""Audit records (Q38, Q39, Q42)."""

import json
from typing import Any

import pytest

from gateway.upstream.audit_records import decode_audit_records_page
from schema.audit_record import AuditOperationStatus, AuditRecord


def _record(**members: Any) -> AuditRecord:
    page = decode_audit_records_page(json.dumps({"totalCount": 1, "items": [members]}).encode())
    (record,) = page.items
    return record


def test_a_record_may_lack_every_member_q38() -> None:
    record = _record()
    assert (record.id, record.operation_status, record.resource_new_value) == (None, None, None)
    assert (record.participants, record.customized_data) == ([], [])


@pytest.mark.parametrize("application", ["FulfillmentService", "4990cffe-04e8-4e8b-808a-1175"])
def test_an_application_is_a_name_or_an_id_q39(application: str) -> None:
    assert _record(applicationId=application).application_id == application


def test_members_are_read_in_pascal_case_q42() -> None:
    record = _record(ResourceType="subscription", OperationStatus="Failed", CustomerId="c")
    assert (record.resource_type, record.customer_id) == ("subscription", "c")
    assert record.operation_status is AuditOperationStatus.FAILED


@pytest.mark.parametrize(
    ("resource", "operation", "status", "expected"),
    [
        (4, 3, 0, ("subscription", "upgrade_subscription", AuditOperationStatus.SUCCEEDED)),
        ("3", "2", "2", ("order", "update_subscription", AuditOperationStatus.PROGRESS)),
        (99, 999, 3, ("99", "999", AuditOperationStatus.DECLINE)),
        ("moon", "fly", "soon", ("moon", "fly", AuditOperationStatus.UNKNOWN)),
    ],
)
def test_numbers_become_names(resource: Any, operation: Any, status: Any, expected: Any) -> None:
    record = _record(resourceType=resource, operationType=operation, operationStatus=status)
    assert (record.resource_type, record.operation_type, record.operation_status) == expected


def test_a_resource_that_is_sent_as_an_object_is_redacted_too() -> None:
    shown: Any = _record(resourceNewValue={"Id": "i", "Password": "secret"}).resource_new_value
    assert shown == {"Id": "i", "Password": "[redacted]"}
