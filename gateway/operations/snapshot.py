"""Where an operation stands, read from its steps; and the same as the graph shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from schema.operation import OperationState
from schema.user_errors import UserErrorCode


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
    references = (
        e.reference
        for e in reversed(entries)
        if isinstance(e, CheckResult | SendResult | PollResult)
    )
    return next(filter(None, references), None)


def _last_updated(record: OperationRecord, entries: Sequence[StoredStruct]) -> float:
    for entry in reversed(entries):
        at = getattr(entry, "at", None)
        announced = getattr(entry, "intent", None)
        if isinstance(at, float):
            return at
        if isinstance(announced, AttemptIntent):
            return announced.at
    return record.created_at
