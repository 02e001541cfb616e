"""Where an operation stands, read from its steps; and the same as the graph shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec
from strawberry import ID

from gateway.operations.entries import (
    Announced,
    Announcement,
    AttemptRecord,
    Checked,
    Ended,
    Ending,
    Failure,
    Followed,
    Sent,
    Settlement,
    Waiting,
)
from gateway.operations.operation import in_doubt
from gateway.operations.ordered import ordered
from gateway.operations.partner import Partner
from gateway.operations.record import Record, Stored
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
class Standing:
    """An operation at a moment.

    Attributes:
        waiting: what it waits for, while it does.
        settlement: what replaced its doubt, if something did.
        quantity: licenses to buy, as the check found; None before it, or if nothing is sent.
    """

    record: Record
    state: OperationState
    updated_at: float
    attempts: tuple[AttemptRecord, ...] = ()
    waiting: Waiting | None = None
    ending: Ending | None = None
    followed: Followed | None = None
    settlement: Settlement | None = None
    quantity: int | None = None


def standing(record: Record, entries: Sequence[Stored], ended: Ended | None) -> Standing:
    """Read where an operation stands from what is recorded of it."""
    if ended is not None:
        ending = ended.ending
        return Standing(
            record,
            ending.state,
            ending.at,
            ended.attempts,
            ending=ending,
            quantity=ended.quantity,
        )
    attempts = attempts_in(entries)
    last = entries[-1] if entries else None
    followed = next((e for e in reversed(entries) if isinstance(e, Followed) and e.body), None)
    state = OperationState.RUNNING if attempts or followed else OperationState.QUEUED
    waiting = last if isinstance(last, Waiting) else None
    if waiting is not None:
        state = OperationState.WAITING
    updated_at = _last_instant(record, entries)
    return Standing(
        record,
        state,
        updated_at,
        attempts,
        waiting,
        followed=followed,
        quantity=quantity_in(entries),
    )


def blocked(found: Standing, reason: str) -> Standing:
    """Say of an open operation what keeps it from going on."""
    return replace(found, state=OperationState.WAITING, waiting=Waiting(reason=reason))


def failed_by_fault(record: Record, entries: Sequence[Stored], at: float) -> Ended:
    """End an operation that met a fault of the gateway: in doubt once it was announced."""
    attempts = attempts_in(entries)
    ending = in_doubt("the gateway failed on the way", at) if attempts else _failed(at)
    return Ended(ending=ending, attempts=attempts, quantity=quantity_in(entries))


def settled(found: Standing, settlement: Settlement) -> Standing:
    """Replace a doubt by what somebody found out."""
    failure = Failure(
        code=UserErrorCode.SETTLED_AS_NOT_DONE, message=f"It was not done: {settlement.note}"
    )
    ending = Ending(
        state=OperationState.DONE if settlement.is_done else OperationState.FAILED,
        at=settlement.at,
        failure=None if settlement.is_done else failure,
    )
    return replace(
        found, state=ending.state, updated_at=ending.at, ending=ending, settlement=settlement
    )


def _failed(at: float) -> Ending:
    message = "Nothing was sent: the gateway failed on the way; its log says how."
    failure = Failure(code=UserErrorCode.NOT_SENT, message=message)
    return Ending(state=OperationState.FAILED, at=at, failure=failure)


def attempts_in(entries: Sequence[Stored]) -> tuple[AttemptRecord, ...]:
    """Pair announcements with their ends; the last one may have none."""
    attempts: list[AttemptRecord] = []
    for entry in entries:
        if isinstance(entry, Checked | Announced) and entry.announcement is not None:
            attempts.append(AttemptRecord(announcement=entry.announcement))
        elif isinstance(entry, Sent) and attempts:
            attempts[-1] = AttemptRecord(announcement=attempts[-1].announcement, sent=entry)
    return tuple(attempts)


def quantity_in(entries: Sequence[Stored]) -> int | None:
    """Return how many licenses the announced attempts buy; None where none are bought."""
    announced = (e for e in entries if isinstance(e, Checked) and e.announcement is not None)
    return next((e.facts.quantity or None for e in announced), None)


def reference_in(entries: Sequence[Stored]) -> str | None:
    """Return the vendor's name of what it has accepted, as it was told last."""
    told = (e.reference for e in reversed(entries) if isinstance(e, Checked | Sent | Followed))
    return next(filter(None, told), None)


def _last_instant(record: Record, entries: Sequence[Stored]) -> float:
    for entry in reversed(entries):
        at = getattr(entry, "at", None)
        announced = getattr(entry, "announcement", None)
        if isinstance(at, float):
            return at
        if isinstance(announced, Announcement):
            return announced.at
    return record.created_at


def shown(found: Standing, partner: Partner) -> UpgradeOperation:
    """Show an operation in the graph."""
    record, ending = found.record, found.ending
    order = record.order
    kept = ending or found.followed
    body = kept.body if kept else None
    until = found.waiting.until if found.waiting else None
    settlement = found.settlement
    return UpgradeOperation(
        id=ID(record.id),
        kind=record.kind,
        state=found.state,
        idempotency_key=record.idempotency_key,
        order=ordered(order, found.quantity),
        request_id=record.request_id,
        attempts=[_attempt(each) for each in found.attempts],
        result=(
            partner.upgrade_result(body, order.customer_id)
            if body and record.kind is OperationKind.UPGRADE_SUBSCRIPTION
            else None
        ),
        product_upgrade=_read(
            body, record, OperationKind.REQUEST_PRODUCT_UPGRADE, ProductUpgradesStatus
        ),
        transition=_read(body, record, OperationKind.TRANSITION_SUBSCRIPTION, Transition),
        failure=_user_error(ending.failure if ending else None),
        created_at=_instant(record.created_at),
        updated_at=_instant(found.updated_at),
        retry_at=None if until is None else _instant(until),
        waiting_for=found.waiting.reason if found.waiting else None,
        principal=record.principal,
        settled_by=settlement.principal if settlement else None,
        settlement_note=settlement.note if settlement else None,
        evidence=ending.evidence if ending else None,
    )


def _read(body: str | None, record: Record, kind: OperationKind, noun: type[T]) -> T | None:
    """Read what the vendor said of an operation, if this is its kind."""
    if not body or record.kind is not kind:
        return None
    return msgspec.json.decode(body, type=noun)


def _attempt(each: AttemptRecord) -> UpgradeAttempt:
    announced, sent = each.announcement, each.sent
    trouble = sent.trouble if sent else None
    return UpgradeAttempt(
        number=announced.number,
        correlation_id=announced.correlation_id,
        started_at=_instant(announced.at),
        ended_at=_instant(sent.at) if sent else None,
        outcome=sent.outcome if sent else AttemptOutcome.PENDING,
        upstream_status=_status(sent),
        upstream_code=trouble.code if trouble else None,
        message=trouble.message if trouble else None,
    )


def _status(sent: Sent | None) -> int | None:
    if sent is None:
        return None
    return sent.trouble.status if sent.trouble else sent.status


def _user_error(failure: Failure | None) -> UserError | None:
    if failure is None:
        return None
    message, retry = failure.message, decide_retry(failure.code, is_recorded=True)
    if retry is RetryAdvice.NEW_KEY:
        message = f"{message.rstrip('.')}. {_NEW_KEY}"
    return UserError(code=failure.code, message=message, field=failure.field, retry_override=retry)


def _instant(seconds: float) -> datetime:
    """Read a stored time; one that no date has, as vendors have asked for, is the last one."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)
