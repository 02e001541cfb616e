"""Rows of the table `operations`: columns of new ones, and the structs of stored ones."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from gateway.operations.model.audit import AuditFinding
from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
from gateway.operations.model.record import OperationRecord, StoredStruct, to_microseconds
from gateway.operations.model.steps import OperationResult, Settlement, decode_step
from gateway.operations.store import tables
from gateway.operations.store.base import OperationFilter, StoredBatch, StoredOperation
from gateway.operations.store.transactions import Run
from schema.operation import OPEN_STATES, OperationState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Row

T = TypeVar("T")

_RECORD: Final = msgspec.json.Decoder(OperationRecord)
_RESULT: Final = msgspec.json.Decoder(OperationResult)
_SETTLEMENT: Final = msgspec.json.Decoder(Settlement)
_AUDIT: Final = msgspec.json.Decoder(AuditFinding)
_BATCH_RECORD: Final = msgspec.json.Decoder(BatchRecord)
_BATCH_RESULT: Final = msgspec.json.Decoder(BatchResult)
_CANCELLATION: Final = msgspec.json.Decoder(BatchCancellation)
_ANY: Final = ""


def operation_columns(record: OperationRecord) -> dict[str, Any]:
    """Return the values for `tables.RECORD` of an operation, except its owner."""
    return {
        **_common_columns(record),
        "is_batch": 0,
        "kind": record.kind,
        "customer_id": record.order.customer_id.lower(),
        "subject": record.subject,
        "batch_id": record.batch_id,
    }


def batch_columns(record: BatchRecord) -> dict[str, Any]:
    """Return the values for `tables.RECORD` of a batch, except its owner."""
    return {
        **_common_columns(record),
        "is_batch": 1,
        "kind": None,
        "customer_id": None,
        "subject": None,
        "batch_id": None,
    }


def _common_columns(record: OperationRecord | BatchRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "principal": record.principal,
        "created_us": to_microseconds(record.created_at),
        "record": encode_json(record),
    }


def read_operation(run: Run, operation_id: str) -> StoredOperation | None:
    """Read an operation; None if the id is unknown, or that of a batch."""
    rows = [row for row in run(tables.READ, id=operation_id) if not row.is_batch]
    return next(iter(to_operations(run, rows)), None)


def select_rows(run: Run, query: OperationFilter, *, is_batch: int) -> Sequence[Row[Any]]:
    """Read a page of rows. Each combination of kind and state reads one range of an index."""
    conditions, values = _shared_conditions(query)
    combinations = product(query.kinds or (_ANY,), _stored_states(query.states) or (_ANY,))
    parts: list[str] = []
    for number, (kind, state) in enumerate(combinations):
        chosen = {"kind": kind, "state": state}
        named = {name: value for name, value in chosen.items() if value is not _ANY}
        equal = "".join(
            f" AND {_column(query, name)} "
            + ("IS NULL" if value is None else f"= :{name}_{number}")
            for name, value in named.items()
        )
        values |= {f"{name}_{number}": value for name, value in named.items() if value}
        parts.append(tables.FIND.replace("{conditions}", conditions + equal))
    found = run(_join(parts), limit=query.limit, is_batch=is_batch, **values)
    rows: Sequence[Row[Any]] = found.all()
    return rows


def _shared_conditions(query: OperationFilter) -> tuple[str, dict[str, Any]]:
    """Return the conditions that do not depend on the kind and the state, and their values."""
    equal = {
        "principal": query.principal,
        "customer_id": None if query.customer_id is None else query.customer_id.lower(),
        "subject": query.subject,
    }
    values: dict[str, Any] = {name: v for name, v in equal.items() if v is not None}
    conditions = "".join(f" AND {_column(query, name)} = :{name}" for name in values)
    if query.since is not None:
        conditions += " AND created_us >= :since"
        values["since"] = query.since
    if query.until is not None:
        conditions += " AND created_us < :until"
        values["until"] = query.until
    if query.before is not None:
        conditions += " AND (created_us, id) < (:created_us, :id)"
        values |= {"created_us": query.before[0], "id": query.before[1]}
    return conditions, values


def _column(query: OperationFilter, name: str) -> str:
    """Return the column; an expression where another index than the customer's would be slow."""
    is_hidden = query.customer_id is not None and name in {"principal", "kind", "state"}
    return f"({name} || '')" if is_hidden else name


def _stored_states(states: Collection[OperationState]) -> list[str | None]:
    """Return the values of the column `state` that operations in these states can have.

    It is NULL until an operation ends, and stays IN_DOUBT if the operation is settled.
    """
    names = {None if state in OPEN_STATES else state.name for state in states}
    if {OperationState.DONE, OperationState.FAILED} & set(states):
        names.add(OperationState.IN_DOUBT.name)
    return sorted(names, key=str)


def _join(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    joined = " UNION ALL ".join(
        f"SELECT * FROM ({part}) AS part_{number}"  # noqa: S608
        for number, part in enumerate(parts)
    )
    return f"{joined} ORDER BY created_us DESC, id DESC LIMIT :limit"


def to_operations(run: Run, rows: Sequence[Row[Any]]) -> list[StoredOperation]:
    """Decode rows; also reads the steps of open operations."""
    steps = _read_steps(run, [row.id for row in rows if row.ended is None])
    return [
        StoredOperation(
            record=_RECORD.decode(row.record),
            steps=tuple(steps.get(row.id, ())),
            result=_decode_optional(_RESULT, row.ended),
            settlement=_decode_optional(_SETTLEMENT, row.settlement),
            audit=_decode_optional(_AUDIT, row.audit),
        )
        for row in rows
    ]


def to_batch(row: Row[Any]) -> StoredBatch:
    return StoredBatch(
        record=_BATCH_RECORD.decode(row.record),
        result=_decode_optional(_BATCH_RESULT, row.ended),
        cancellation=_decode_optional(_CANCELLATION, row.cancellation),
    )


def encode_json(value: StoredStruct) -> str:
    return msgspec.json.encode(value).decode()


def _read_steps(run: Run, ids: Sequence[str]) -> dict[str, list[StoredStruct]]:
    steps: dict[str, list[StoredStruct]] = {each: [] for each in ids}
    if ids:
        for operation_id, name, body in run(tables.STEPS, ids=ids):
            steps[operation_id].append(decode_step(name, body))
    return steps


def _decode_optional(decoder: msgspec.json.Decoder[T], body: str | None) -> T | None:
    return None if body is None else decoder.decode(body)
