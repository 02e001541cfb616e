"""The columns of a new operation or batch; an owner is added by the one who records it."""

from typing import Any

import msgspec

from gateway.operations.model.batch import BatchRecord
from gateway.operations.model.record import OperationRecord, to_microseconds


def operation_columns(record: OperationRecord) -> dict[str, Any]:
    """Return what `tables.RECORD` needs of an operation."""
    return {
        **_common_columns(record),
        "is_batch": 0,
        "customer_id": record.order.customer_id.lower(),
        "subject": record.subject,
        "batch_id": record.batch_id,
    }


def batch_columns(record: BatchRecord) -> dict[str, Any]:
    """Return what `tables.RECORD` needs of a batch."""
    return {
        **_common_columns(record),
        "is_batch": 1,
        "customer_id": None,
        "subject": None,
        "batch_id": None,
    }


def _common_columns(record: OperationRecord | BatchRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "principal": record.principal,
        "created_us": to_microseconds(record.created_at),
        "record": msgspec.json.encode(record).decode(),
    }
