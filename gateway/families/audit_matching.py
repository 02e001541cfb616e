"""Compares records of the audit feed with operations in doubt (CONTRACT-2 10.5).

A record is evidence that an order was executed or failed. A missing record says nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.operations.model.audit import AuditMatch
from gateway.operations.model.steps import AttemptRecord
from gateway.operations.store.base import StoredOperation
from schema.audit_record import AuditOperationStatus, AuditRecord
from schema.operation import AttemptOutcome

# By how much the vendor's clock may be behind the gateway's.
_CLOCK_SKEW_S: Final = 5.0
# Of the records without the correlation id, those soon after the attempt are the likely ones.
_MAX_WEAK: Final = 10
_SUCCEEDED: Final = AuditOperationStatus.SUCCEEDED.name
_FAILED: Final = frozenset({AuditOperationStatus.FAILED.name, AuditOperationStatus.DECLINE.name})
# Members that name an offer or a catalog item, in records of orders and of subscriptions.
_TARGET_MEMBERS: Final = frozenset({"offerid", "offerid-0", "catalogitemid", "tocatalogitemid"})
_QUANTITY_MEMBERS: Final = frozenset({"quantity", "quantity-0"})


@dataclass(frozen=True, slots=True)
class AuditCriteria:
    """The audit records that Partner Center writes when it executes an order of a family.

    Attributes:
        operation_types: the possible values of `operationType`.
        names_change: returns whether a record of the subscription describes the change that was
            ordered.
        application_id: the application of this gateway; None if each caller has its own.
    """

    operation_types: frozenset[str]
    names_change: Callable[[AuditRecord], bool]
    application_id: str | None = None


def find_matches(
    stored: StoredOperation, criteria: AuditCriteria, records: Sequence[AuditRecord]
) -> tuple[AuditMatch, ...]:
    """Return the records that belong to an operation, or may belong to it."""
    attempts = _unanswered_attempts(stored)
    if not attempts:
        return ()
    correlation_ids = {each.intent.correlation_id.lower() for each in attempts}
    strong: list[AuditMatch] = []
    weak: list[AuditMatch] = []
    for each in records:
        if (each.original_correlation_id or "").lower() in correlation_ids:
            strong.append(_to_match(each, is_strong=True))
        elif _may_be_of(stored, attempts[0], criteria, each):
            weak.append(_to_match(each, is_strong=False))
    weak.sort(key=lambda match: match.executed_at)
    return (*strong, *weak[:_MAX_WEAK])


def decide_settlement(stored: StoredOperation, matches: Sequence[AuditMatch]) -> bool | None:
    """Return whether the order was executed; None if records with the operation's id do not say.

    Returns False if there is a failure record for each attempt without a response.
    """
    statuses = [each.status for each in matches if each.is_strong]
    if _SUCCEEDED in statuses:
        return True
    failures = sum(status in _FAILED for status in statuses)
    has_failed = failures == len(statuses) and failures >= len(_unanswered_attempts(stored)) > 0
    return False if has_failed else None


def _unanswered_attempts(stored: StoredOperation) -> list[AttemptRecord]:
    """Return the attempts that may have taken effect."""
    attempts = stored.result.attempts if stored.result else ()
    return [
        each
        for each in attempts
        if each.result is None or each.result.outcome is AttemptOutcome.UNANSWERED
    ]


def _may_be_of(
    stored: StoredOperation, first: AttemptRecord, criteria: AuditCriteria, record: AuditRecord
) -> bool:
    is_own = criteria.application_id in {None, (record.application_id or "").lower()}
    is_after = record.operation_date is not None and (
        record.operation_date.timestamp() >= first.intent.at - _CLOCK_SKEW_S
    )
    if not (is_own and is_after and record.operation_type in criteria.operation_types):
        return False
    names_source = stored.record.order.source_id in {value for _, value in _list_members(record)}
    return names_source and criteria.names_change(record)


def names_target(target: str | None, quantity: int | None, record: AuditRecord) -> bool:
    """Whether an audit record names this offer or catalog item, and this number of licenses.

    The number is ignored if it is None, or if the record has none.
    """
    members = list(_list_members(record))
    targets = {value for name, value in members if name in _TARGET_MEMBERS}
    quantities = {value for name, value in members if name in _QUANTITY_MEMBERS}
    return target in targets and (not quantity or not quantities or str(quantity) in quantities)


def _list_members(record: AuditRecord) -> Iterator[tuple[str, str]]:
    """Yield the names and values in a record, all in lower case."""
    # The id contains the ids of the partner, the customer and the resource (CONTRACT-2 5.9).
    yield from (("", part) for part in (record.id or "").lower().split("_"))
    yield from _flatten("", record.resource_new_value)
    yield from _flatten("", record.resource_old_value)
    for each in record.customized_data:
        yield (each.key or "").lower(), (each.value or "").lower()


def _flatten(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for member, each in value.items():
            yield from _flatten(member.lower(), each)
    elif isinstance(value, list):
        for each in value:
            yield from _flatten(name, each)
    else:
        yield name, str(value).lower()


def _to_match(record: AuditRecord, *, is_strong: bool) -> AuditMatch:
    at, status = record.operation_date, record.operation_status
    return AuditMatch(
        record_id=record.id or "",
        operation_type=record.operation_type or "",
        status=AuditOperationStatus.UNKNOWN.name if status is None else status.name,
        executed_at="" if at is None else at.isoformat(timespec="seconds"),
        is_strong=is_strong,
    )
