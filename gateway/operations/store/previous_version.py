"""Imports the operations that the previous version stored in the tables of DBOS.

Operations, batches, settlements, cancellations and reserved seats were workflows there. Their
inputs, outputs and steps have the same JSON as today's columns. The old tables are not changed.
"""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import Any, Final, TypeVar

import msgspec

from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import OperationResult, Settlement, decode_step
from gateway.operations.snapshot import failed_by_fault, list_attempts
from gateway.operations.store import tables
from gateway.operations.store.rows import batch_columns, encode_json, operation_columns
from gateway.operations.store.transactions import Run
from schema.operation import OperationState

T = TypeVar("T")
# No process has this name, so the first one that starts takes over what it owns.
_OWNER: Final = "previous-version"
_OPEN: Final = frozenset({"PENDING", "ENQUEUED"})
_WORKFLOWS: Final = """
SELECT s.workflow_uuid AS id, s.name, s.status, s.updated_at, i.inputs,
  coalesce(o.output, s.output) AS output
FROM {old}workflow_status s
JOIN {old}workflow_input i ON i.workflow_uuid = s.workflow_uuid
LEFT JOIN {old}workflow_output o ON o.workflow_uuid = s.workflow_uuid
WHERE s.name IN ('operation', 'batch', 'settlement', 'cancellation', 'seats')
"""
_STEPS: Final = """
SELECT workflow_uuid, function_name, output FROM {old}operation_outputs
WHERE output IS NOT NULL ORDER BY workflow_uuid, function_id
"""


def import_operations(run: Run) -> None:
    """Import all operations of the previous version, in one transaction."""
    by_name: dict[str, list[Any]] = defaultdict(list)
    for row in run(_WORKFLOWS):
        by_name[row.name].append(row)
    steps: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for operation_id, name, output in run(_STEPS):
        steps[operation_id].append((name, output))

    principals: dict[str, str] = {}
    holders: list[tuple[bool, float, OperationRecord]] = []
    for row in by_name["operation"]:
        record, result, is_announced = _import_operation(run, row, steps[row.id])
        principals[row.id] = record.principal
        if result is None or result.outcome.state is OperationState.IN_DOUBT:
            holders.append((not is_announced, record.created_at, record))
    # An operation that may have bought keeps its subject, else the one that was recorded first.
    for _, _, record in sorted(holders, key=itemgetter(0, 1)):
        run(tables.RESERVE_SUBJECT, id=record.id, subject=record.subject)
    for row in by_name["batch"]:
        principals[row.id] = _import_batch(run, row)
    _import_notes(run, by_name, principals)


def _import_notes(run: Run, by_name: dict[str, list[Any]], principals: dict[str, str]) -> None:
    """Import settlements, cancellations and seats; `principals` by operation or batch id."""
    for row in by_name["settlement"]:
        settlement = _decode_input(row, Settlement)
        run(tables.SETTLE, id=settlement.operation_id, settlement=encode_json(settlement))
        run(tables.FREE_SUBJECT, id=settlement.operation_id)
    for row in by_name["cancellation"]:
        cancellation = _decode_input(row, BatchCancellation)
        run(tables.CANCEL, id=cancellation.batch_id, cancellation=encode_json(cancellation))
    reservations = [_decode_input(row, _StoredSeats) for row in by_name["seats"]]
    reservations.sort(key=lambda seats: seats.at)
    # An operation that was submitted again after an hour has two; the later one counts.
    for seats in {each.operation_id: each for each in reservations}.values():
        principal = principals.get(seats.operation_id)
        if principal is not None:
            values = msgspec.structs.asdict(seats)
            run(tables.RESERVE_SEATS, principal=principal, **values)


class _StoredSeats(StoredStruct, frozen=True, kw_only=True):
    operation_id: str
    seats: int
    at: float


def _import_operation(
    run: Run, row: Any, steps: list[tuple[str, str]]
) -> tuple[OperationRecord, OperationResult | None, bool]:
    """Import an operation; returns also its result, and whether an attempt was announced."""
    record = _decode_input(row, OperationRecord)
    decoded = [decode_step(name, output) for name, output in steps]
    result = _read_result(row, record, decoded)
    run(tables.RECORD, owner=_OWNER, **operation_columns(record))
    for number, (name, output) in enumerate(steps):
        run(tables.APPEND, id=record.id, number=number, name=name, body=output)
    if result is not None:
        state = result.outcome.state
        run(tables.FINISH, id=record.id, ended=encode_json(result), state=state.name)
        for purchase in result.purchases:
            run(tables.CREDIT, id=record.id, purchase=purchase)
    return record, result, bool(list_attempts(decoded))


def _read_result(
    row: Any, record: OperationRecord, steps: list[StoredStruct]
) -> OperationResult | None:
    if row.status in _OPEN:
        return None
    if row.status == "SUCCESS":
        return msgspec.json.decode(row.output, type=OperationResult)
    return failed_by_fault(record, steps, row.updated_at / 1000)


def _import_batch(run: Run, row: Any) -> str:
    """Import a batch; returns its principal."""
    record = _decode_input(row, BatchRecord)
    run(tables.RECORD, owner=_OWNER, **batch_columns(record))
    if row.status == "SUCCESS":
        result = msgspec.json.decode(row.output, type=BatchResult)
        run(tables.FINISH, id=record.id, ended=encode_json(result), state=None)
    return record.principal


def _decode_input(row: Any, kind: type[T]) -> T:
    return msgspec.convert(msgspec.json.decode(row.inputs)["positionalArgs"][0], kind)
