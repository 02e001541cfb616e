"""The state of an operation, as its stored steps give it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.operations.decisions import in_doubt_outcome
from gateway.operations.model.audit import AuditFinding
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptIntent,
    AttemptRecord,
    Backoff,
    Baseline,
    CheckResult,
    Failure,
    OperationOutcome,
    OperationResult,
    PollResult,
    SendResult,
    Settlement,
)
from schema.operation import OperationState
from schema.user_errors import UserErrorCode

_FAULT: Final = "The gateway had an internal error. Its log has the details."


@dataclass(frozen=True, slots=True)
class OperationSnapshot:
    """The state of an operation at one moment.

    Attributes:
        backoff: the current wait, if the state is WAITING.
        last_poll: the last poll result that has a body.
        settlement: the outcome that a person has found, if the operation was in doubt.
        audit: the evidence in the vendor's audit feed, if the operation is in doubt.
        quantity: licenses to buy; None before the check, or if the order is refused.
        target_name: the vendor's name of the target; None before the check, or if the order is
            refused.
    """

    record: OperationRecord
    state: OperationState
    updated_at: float
    attempts: tuple[AttemptRecord, ...] = ()
    backoff: Backoff | None = None
    outcome: OperationOutcome | None = None
    last_poll: PollResult | None = None
    settlement: Settlement | None = None
    audit: AuditFinding | None = None
    quantity: int | None = None
    target_name: str | None = None


def replay(
    record: OperationRecord, steps: Sequence[StoredStruct], ended: OperationResult | None
) -> OperationSnapshot:
    if ended is not None:
        outcome = ended.outcome
        return OperationSnapshot(
            record,
            outcome.state,
            outcome.at,
            ended.attempts,
            outcome=outcome,
            quantity=ended.quantity,
            target_name=ended.target_name,
        )
    baseline = find_baseline(steps)
    attempts = list_attempts(steps)
    last = steps[-1] if steps else None
    polls = (step for step in reversed(steps) if isinstance(step, PollResult) and step.body)
    last_poll = next(polls, None)
    backoff = last if isinstance(last, Backoff) else None
    state = OperationState.RUNNING if attempts or last_poll else OperationState.QUEUED
    return OperationSnapshot(
        record,
        state if backoff is None else OperationState.WAITING,
        _last_updated(record, steps),
        attempts,
        backoff,
        last_poll=last_poll,
        quantity=baseline.quantity or None,
        target_name=baseline.target_name,
    )


def with_blocked_store(found: OperationSnapshot, reason: str) -> OperationSnapshot:
    """Return a copy that shows that the operation waits for the store."""
    return replace(found, state=OperationState.WAITING, backoff=Backoff(reason=reason))


def failed_by_fault(
    record: OperationRecord, steps: Sequence[StoredStruct], at: float
) -> OperationResult:
    """Build the result of an operation that a bug of the gateway has ended.

    It is in doubt if the order may have been sent.
    """
    attempts = list_attempts(steps)
    outcome = in_doubt_outcome(_FAULT, at) if attempts else _not_sent_outcome(at)
    baseline = find_baseline(steps)
    return OperationResult(
        outcome=outcome,
        attempts=attempts,
        quantity=baseline.quantity or None,
        target_name=baseline.target_name,
    )


def _not_sent_outcome(at: float) -> OperationOutcome:
    failure = Failure(code=UserErrorCode.NOT_SENT, message=f"Nothing was sent: {_FAULT}")
    return OperationOutcome(state=OperationState.FAILED, at=at, failure=failure)


def with_settlement(found: OperationSnapshot, settlement: Settlement) -> OperationSnapshot:
    """Return a copy of an operation in doubt that has the settlement as its outcome."""
    failure = Failure(
        code=UserErrorCode.SETTLED_AS_NOT_DONE, message=f"Settled as not done: {settlement.note}"
    )
    outcome = OperationOutcome(
        state=OperationState.DONE if settlement.is_done else OperationState.FAILED,
        at=settlement.at,
        failure=None if settlement.is_done else failure,
    )
    return replace(
        found, state=outcome.state, updated_at=outcome.at, outcome=outcome, settlement=settlement
    )


def list_attempts(steps: Sequence[StoredStruct]) -> tuple[AttemptRecord, ...]:
    """Return each attempt with its result. The last attempt may have none."""
    attempts: list[AttemptRecord] = []
    for step in steps:
        if isinstance(step, CheckResult | AttemptIntended) and step.intent is not None:
            attempts.append(AttemptRecord(intent=step.intent))
        elif isinstance(step, SendResult) and attempts:
            attempts[-1] = AttemptRecord(intent=attempts[-1].intent, result=step)
    return tuple(attempts)


def find_baseline(steps: Sequence[StoredStruct]) -> Baseline:
    """Return the vendor's state before the first attempt; an empty one if there was no attempt."""
    checks = (step for step in steps if isinstance(step, CheckResult) and step.intent is not None)
    return next((check.baseline for check in checks), Baseline())


def find_reference(steps: Sequence[StoredStruct]) -> str | None:
    """Return the newest id under which the vendor has accepted the order; None if it has not."""
    references = (
        step.reference
        for step in reversed(steps)
        if isinstance(step, CheckResult | SendResult | PollResult)
    )
    return next(filter(None, references), None)


def _last_updated(record: OperationRecord, steps: Sequence[StoredStruct]) -> float:
    for step in reversed(steps):
        at = getattr(step, "at", None)
        intent = getattr(step, "intent", None)
        if isinstance(at, float):
            return at
        if isinstance(intent, AttemptIntent):
            return intent.at
    return record.created_at
