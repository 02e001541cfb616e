"""Where an operation stands, read from its steps; and the same as the graph shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec
from strawberry import ID

from gateway.operations.activities import OperationActivities
from gateway.operations.decisions import in_doubt_outcome
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptIntent,
    AttemptRecord,
    Backoff,
    CheckResult,
    Failure,
    OperationOutcome,
    OperationResult,
    PollResult,
    SendResult,
    Settlement,
)
from gateway.operations.presenter import order_to_graphql
from schema.operation import (
    AttemptOutcome,
    OperationKind,
    OperationState,
    UpgradeAttempt,
    UpgradeOperation,
)
from schema.product_upgrade import ProductUpgradesStatus
from schema.transition import Transition
from schema.user_errors import RetryAdvice, UserError, UserErrorCode, decide_retry

T = TypeVar("T")

_NEW_KEY: Final = "Ask again with a new idempotency key: this one keeps this answer."


@dataclass(frozen=True, slots=True)
class OperationSnapshot:
    """An operation at a moment.

    Attributes:
        waiting: what it waits for, while it does.
        settlement: what replaced its doubt, if something did.
        quantity: licenses to buy, as the check found; None before it, or if nothing is sent.
    """

    record: OperationRecord
    state: OperationState
    updated_at: float
    attempts: tuple[AttemptRecord, ...] = ()
    backoff: Backoff | None = None
    outcome: OperationOutcome | None = None
    last_poll: PollResult | None = None
    settlement: Settlement | None = None
    quantity: int | None = None


def replay(
    record: OperationRecord, entries: Sequence[StoredStruct], ended: OperationResult | None
) -> OperationSnapshot:
    """Read where an operation stands from what is recorded of it."""
    if ended is not None:
        ending = ended.outcome
        return OperationSnapshot(
            record,
            ending.state,
            ending.at,
            ended.attempts,
            outcome=ending,
            quantity=ended.quantity,
        )
    attempts = list_attempts(entries)
    last = entries[-1] if entries else None
    followed = next((e for e in reversed(entries) if isinstance(e, PollResult) and e.body), None)
    state = OperationState.RUNNING if attempts or followed else OperationState.QUEUED
    waiting = last if isinstance(last, Backoff) else None
    if waiting is not None:
        state = OperationState.WAITING
    updated_at = _last_updated(record, entries)
    return OperationSnapshot(
        record,
        state,
        updated_at,
        attempts,
        waiting,
        last_poll=followed,
        quantity=find_quantity(entries),
    )


def with_blocked_store(found: OperationSnapshot, reason: str) -> OperationSnapshot:
    """Say of an open operation what keeps it from going on."""
    return replace(found, state=OperationState.WAITING, backoff=Backoff(reason=reason))


def failed_by_fault(
    record: OperationRecord, entries: Sequence[StoredStruct], at: float
) -> OperationResult:
    """End an operation that met a fault of the gateway: in doubt once it was announced."""
    attempts = list_attempts(entries)
    ending = in_doubt_outcome("the gateway failed on the way", at) if attempts else _failed(at)
    return OperationResult(outcome=ending, attempts=attempts, quantity=find_quantity(entries))


def with_settlement(found: OperationSnapshot, settlement: Settlement) -> OperationSnapshot:
    """Replace a doubt by what somebody found out."""
    failure = Failure(
        code=UserErrorCode.SETTLED_AS_NOT_DONE, message=f"It was not done: {settlement.note}"
    )
    ending = OperationOutcome(
        state=OperationState.DONE if settlement.is_done else OperationState.FAILED,
        at=settlement.at,
        failure=None if settlement.is_done else failure,
    )
    return replace(
        found, state=ending.state, updated_at=ending.at, outcome=ending, settlement=settlement
    )


def _failed(at: float) -> OperationOutcome:
    message = "Nothing was sent: the gateway failed on the way; its log says how."
    failure = Failure(code=UserErrorCode.NOT_SENT, message=message)
    return OperationOutcome(state=OperationState.FAILED, at=at, failure=failure)


def list_attempts(entries: Sequence[StoredStruct]) -> tuple[AttemptRecord, ...]:
    """Pair announcements with their ends; the last one may have none."""
    attempts: list[AttemptRecord] = []
    for entry in entries:
        if isinstance(entry, CheckResult | AttemptIntended) and entry.intent is not None:
            attempts.append(AttemptRecord(intent=entry.intent))
        elif isinstance(entry, SendResult) and attempts:
            attempts[-1] = AttemptRecord(intent=attempts[-1].intent, result=entry)
    return tuple(attempts)


def find_quantity(entries: Sequence[StoredStruct]) -> int | None:
    """Return how many licenses the announced attempts buy; None where none are bought."""
    announced = (e for e in entries if isinstance(e, CheckResult) and e.intent is not None)
    return next((e.baseline.quantity or None for e in announced), None)


def find_reference(entries: Sequence[StoredStruct]) -> str | None:
    """Return the vendor's name of what it has accepted, as it was told last."""
    told = (
        e.reference
        for e in reversed(entries)
        if isinstance(e, CheckResult | SendResult | PollResult)
    )
    return next(filter(None, told), None)


def _last_updated(record: OperationRecord, entries: Sequence[StoredStruct]) -> float:
    for entry in reversed(entries):
        at = getattr(entry, "at", None)
        announced = getattr(entry, "intent", None)
        if isinstance(at, float):
            return at
        if isinstance(announced, AttemptIntent):
            return announced.at
    return record.created_at


def operation_to_graphql(
    found: OperationSnapshot, partner: OperationActivities
) -> UpgradeOperation:
    """Show an operation in the graph."""
    record, ending = found.record, found.outcome
    order = record.order
    kept = ending or found.last_poll
    body = kept.body if kept else None
    until = found.backoff.until if found.backoff else None
    settlement = found.settlement
    return UpgradeOperation(
        id=ID(record.id),
        kind=record.kind,
        state=found.state,
        idempotency_key=record.idempotency_key,
        order=order_to_graphql(order, found.quantity),
        request_id=record.request_id,
        attempts=[_attempt_to_graphql(each) for each in found.attempts],
        result=(
            partner.upgrade_result(body, order.customer_id)
            if body and record.kind is OperationKind.UPGRADE_SUBSCRIPTION
            else None
        ),
        product_upgrade=_decode_result(
            body, record, OperationKind.REQUEST_PRODUCT_UPGRADE, ProductUpgradesStatus
        ),
        transition=_decode_result(body, record, OperationKind.TRANSITION_SUBSCRIPTION, Transition),
        failure=_error_to_graphql(ending.failure if ending else None),
        created_at=to_datetime(record.created_at),
        updated_at=to_datetime(found.updated_at),
        retry_at=None if until is None else to_datetime(until),
        waiting_for=found.backoff.reason if found.backoff else None,
        principal=record.principal,
        settled_by=settlement.principal if settlement else None,
        settlement_note=settlement.note if settlement else None,
        evidence=ending.evidence if ending else None,
    )


def _decode_result(
    body: str | None, record: OperationRecord, kind: OperationKind, noun: type[T]
) -> T | None:
    """Read what the vendor said of an operation, if this is its kind."""
    if not body or record.kind is not kind:
        return None
    return msgspec.json.decode(body, type=noun)


def _attempt_to_graphql(each: AttemptRecord) -> UpgradeAttempt:
    announced, sent = each.intent, each.result
    trouble = sent.blocker if sent else None
    return UpgradeAttempt(
        number=announced.number,
        correlation_id=announced.correlation_id,
        started_at=to_datetime(announced.at),
        ended_at=to_datetime(sent.at) if sent else None,
        outcome=sent.outcome if sent else AttemptOutcome.PENDING,
        upstream_status=_attempt_status(sent),
        upstream_code=trouble.code if trouble else None,
        message=trouble.message if trouble else None,
    )


def _attempt_status(sent: SendResult | None) -> int | None:
    if sent is None:
        return None
    return sent.blocker.status if sent.blocker else sent.status


def _error_to_graphql(failure: Failure | None) -> UserError | None:
    if failure is None:
        return None
    message, retry = failure.message, decide_retry(failure.code, is_recorded=True)
    if retry is RetryAdvice.NEW_KEY:
        message = f"{message.rstrip('.')}. {_NEW_KEY}"
    return UserError(code=failure.code, message=message, field=failure.field, retry_override=retry)


def to_datetime(seconds: float) -> datetime:
    """Read a stored time; one that no date has, as vendors have asked for, is the last one."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)
