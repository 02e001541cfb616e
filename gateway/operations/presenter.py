"""An operation as the graph shows it."""

from datetime import UTC, datetime
from typing import Final

from strawberry import ID

from gateway.operations.activities import ResultFields, UpgradeFamilies
from gateway.operations.audit_reviews import describe
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import AttemptRecord, Failure, SendResult
from gateway.operations.snapshot import OperationSnapshot
from schema.operation import AttemptOutcome, UpgradeAttempt, UpgradeOperation
from schema.operation_kind import OperationKind
from schema.order import OperationOrder
from schema.user_errors import RetryAdvice, UserError, decide_retry

_NEW_KEY: Final = "A retry needs a new idempotency key."


def operation_to_graphql(found: OperationSnapshot, families: UpgradeFamilies) -> UpgradeOperation:
    record, outcome, settlement = found.record, found.outcome, found.settlement
    last = outcome or found.last_poll
    until = found.backoff.until if found.backoff else None
    result = ResultFields()
    try:
        family = families[record.kind]
    except KeyError:
        order = _unknown_order(record)
    else:
        order = family.order_to_graphql(record, found.quantity)
        if last and last.body:
            result = family.result_to_graphql(record, last.body)
    order.target_name = found.target_name
    return UpgradeOperation(
        id=ID(record.id),
        kind=OperationKind.__members__.get(record.kind, OperationKind.UNKNOWN),
        state=found.state,
        idempotency_key=record.idempotency_key,
        order=order,
        request_id=record.request_id,
        attempts=[_attempt_to_graphql(each) for each in found.attempts],
        **result,
        failure=_failure_to_graphql(outcome.failure if outcome else None),
        created_at=to_datetime(record.created_at),
        updated_at=to_datetime(found.updated_at),
        retry_at=None if until is None else to_datetime(until),
        waiting_for=found.backoff.reason if found.backoff else None,
        principal=record.principal,
        settled_by=settlement.principal if settlement else None,
        settlement_note=settlement.note if settlement else None,
        evidence=_find_evidence(found),
    )


def _unknown_order(record: OperationRecord) -> OperationOrder:
    """Show the customer of an order whose kind only a later version of the gateway knows."""
    payload = record.payload
    source = payload.get("source", payload)
    customer_id = source.get("customer_id", "") if isinstance(source, dict) else ""
    return OperationOrder(customer_id=ID(str(customer_id)))


def _find_evidence(found: OperationSnapshot) -> str | None:
    if found.audit is not None:
        return describe(found.audit.matches)
    return found.outcome.evidence if found.outcome else None


def _attempt_to_graphql(attempt: AttemptRecord) -> UpgradeAttempt:
    intent, result = attempt.intent, attempt.result
    blocker = result.blocker if result else None
    return UpgradeAttempt(
        number=intent.number,
        correlation_id=intent.correlation_id,
        started_at=to_datetime(intent.at),
        ended_at=to_datetime(result.at) if result else None,
        outcome=result.outcome if result else AttemptOutcome.PENDING,
        upstream_status=_upstream_status(result),
        upstream_code=blocker.code if blocker else None,
        message=blocker.message if blocker else None,
    )


def _upstream_status(result: SendResult | None) -> int | None:
    if result is None:
        return None
    return result.blocker.status if result.blocker else result.status


def _failure_to_graphql(failure: Failure | None) -> UserError | None:
    if failure is None:
        return None
    message, retry = failure.message, decide_retry(failure.code, is_recorded=True)
    if retry is RetryAdvice.NEW_KEY:
        message = f"{message.rstrip('.')}. {_NEW_KEY}"
    return UserError(code=failure.code, message=message, field=failure.field, retry_override=retry)


def to_datetime(seconds: float) -> datetime:
    """Convert a stored time. One that is too late for a date becomes the last possible date.

    Such times come from a vendor's `Retry-After`.
    """
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)
