"""What an operation may do next: pure decisions over what is recorded of it.

::

    check ──▶ send ──▶ answered: DONE, DONE_WITH_LICENSE_ERRORS, REFUSED, FAILED
                 │
                 ├──▶ never sent, or 429: wait, send again
                 └──▶ unanswered: look ──▶ done:     DONE
                        ▲           ├────▶ not done: send again while the vendor remembers the
                        └── wait ◀──┘                request id, IN_DOUBT after that
                                    └────▶ unclear:  IN_DOUBT

One unanswered attempt changes what later answers mean: a refusal may then be the vendor's way to
say that it has been done already, so it is followed by a look too.

All times are recorded ones, never the present: what was decided once is decided again in a replay.
"""

from dataclasses import dataclass
from typing import Final

from gateway.operations.model.record import Policy
from gateway.operations.model.steps import (
    AttemptIntent,
    AttemptRecord,
    Backoff,
    Blocker,
    Failure,
    OperationOutcome,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
from schema.operation import AttemptOutcome, OperationState
from schema.user_errors import UserErrorCode

_MAX_BACKOFF_S: Final = 60.0
MAX_RETRY_AFTER_S: Final = 3600.0
_FIRST_POLL_S: Final = 5.0
_WAITING_FOR_CREDENTIALS: Final = "waits for its caller, whose token is not kept, to call again"


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Find out what was done."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Announce another attempt now."""


Decision = OperationOutcome | Backoff | Reconcile | Retry


@dataclass(frozen=True, slots=True)
class History:
    """The attempts so far, the last of them ended.

    Attributes:
        created_at: when the operation was recorded.
        delays: how often since then something was in the way of another one.
    """

    created_at: float
    attempts: tuple[AttemptRecord, ...]
    delays: int = 0

    @property
    def last(self) -> SendResult:
        """The end of the last attempt."""
        sent = self.attempts[-1].result
        assert sent is not None  # noqa: S101 - a history is made of ended attempts
        return sent

    @property
    def first_unanswered(self) -> AttemptIntent | None:
        """The first attempt that may have been done, if there is one."""
        unanswered = (
            each.intent
            for each in self.attempts
            if each.result is not None and each.result.outcome is AttemptOutcome.UNANSWERED
        )
        return next(unanswered, None)

    @property
    def refused_tokens(self) -> int:
        """How many attempts were refused for their token."""
        return sum(
            each.result is not None and each.result.has_fresh_token for each in self.attempts
        )


def after_attempt(history: History, policy: Policy) -> Decision:
    """Decide by how far the last attempt got."""
    sent = history.last
    match sent.outcome:
        case AttemptOutcome.SUCCEEDED:
            return _after_accepted(history)
        case AttemptOutcome.UNANSWERED:
            return Reconcile()
        case AttemptOutcome.REFUSED:
            return _after_rejected(history)
        case _:
            return after_blocker(history, sent.blocker or _NO_REASON_GIVEN, sent.at, policy)


_NO_REASON_GIVEN: Final = Blocker(message="it could not be sent")


def _after_accepted(history: History) -> Decision:
    sent = history.last
    if sent.has_errors:
        # After an unanswered attempt, "not active any more" may be its own doing.
        return Reconcile() if history.first_unanswered else refused_outcome(sent)
    state = (
        OperationState.DONE_WITH_LICENSE_ERRORS if sent.has_license_errors else OperationState.DONE
    )
    return OperationOutcome(
        state=state,
        at=sent.at,
        reference=sent.reference,
        purchase=sent.purchase,
        body=sent.body,
    )


def _after_rejected(history: History) -> Decision:
    if history.last.has_fresh_token and history.refused_tokens == 1:
        return Retry()
    return Reconcile() if history.first_unanswered else refused_outcome(history.last)


def refused_outcome(sent: SendResult) -> OperationOutcome:
    """End with the vendor's no."""
    blocker = sent.blocker
    message = blocker.message if blocker else "The vendor does not allow it; see `result`."
    return OperationOutcome(
        state=OperationState.FAILED if _is_token_refused(sent) else OperationState.REFUSED,
        at=sent.at,
        failure=Failure(
            code=(
                UserErrorCode.NOT_ELIGIBLE if sent.has_errors else UserErrorCode.REFUSED_BY_VENDOR
            ),
            message=message,
        ),
        body=sent.body,
    )


def after_blocker(history: History, blocker: Blocker, now: float, policy: Policy) -> Decision:
    """Decide about something in the way before anything was sent: wait, or give up."""
    if blocker.needs_credentials:
        return Backoff(reason=_WAITING_FOR_CREDENTIALS)
    if blocker.is_transient and now < history.created_at + policy.retry_timeout_s:
        return _back_off(blocker.message, now, _backoff_s(history, blocker, policy))
    if history.first_unanswered:
        return in_doubt_outcome(blocker.message, now)
    failure = Failure(code=UserErrorCode.NOT_SENT, message=f"Nothing was sent: {blocker.message}")
    return OperationOutcome(state=OperationState.FAILED, at=now, failure=failure)


def is_within_idempotency_window(history: History, now: float, policy: Policy) -> bool:
    """Whether the vendor would still know an attempt that was perhaps done."""
    unanswered = history.first_unanswered
    # A clock that was set back tells nothing about how long ago it was.
    return unanswered is None or unanswered.at <= now < unanswered.at + policy.idempotency_window_s


def after_reconcile(history: History, looked: ReconcileResult, policy: Policy) -> Decision:
    """Decide by what was found about attempts without an answer."""
    now = looked.at
    unanswered = history.first_unanswered
    if looked.verdict is None or unanswered is None:
        return after_blocker(history, looked.blocker or _NO_REASON_GIVEN, now, policy)
    if looked.verdict is Verdict.DONE:
        return OperationOutcome(
            state=OperationState.DONE,
            at=now,
            reference=looked.reference,
            purchase=looked.purchase,
            body=looked.body,
            evidence=_evidence(unanswered, looked),
        )
    if looked.verdict is Verdict.UNCLEAR:
        return in_doubt_outcome("what is there now may be its doing or another's", now)
    if _is_conclusive(history.last):
        return refused_outcome(history.last)
    pause_s = _backoff_s(history, history.last.blocker or _NO_REASON_GIVEN, policy)
    if is_within_idempotency_window(history, now + pause_s, policy):
        return _back_off("was not answered, and is not done yet", now, pause_s)
    return in_doubt_outcome("was not answered, and may still be done", now)


def _is_conclusive(sent: SendResult) -> bool:
    """Whether an earlier attempt under the same request id would get the same no.

    A refused token says nothing about it: the vendor may still carry that attempt out.
    """
    return sent.outcome is AttemptOutcome.SUCCEEDED or (
        sent.outcome is AttemptOutcome.REFUSED and not _is_token_refused(sent)
    )


def _is_token_refused(sent: SendResult) -> bool:
    return sent.blocker is not None and sent.blocker.status == 401  # noqa: PLR2004 - RFC 9110


def _evidence(unanswered: AttemptIntent, looked: ReconcileResult) -> str:
    """Say how a purchase without a response was found."""
    purchase = looked.reference or looked.purchase
    found = f": {purchase}" if purchase else ""
    return (
        f"Attempt {unanswered.number} was not answered. What it was to make was found in Partner"
        f" Center afterwards{found}."
    )


def after_poll(followed: PollResult, reference: str) -> Decision | None:
    """Decide by how far what was accepted is; None while it goes on."""
    if followed.blocker is not None:
        if followed.blocker.needs_credentials:
            return Backoff(reason=_WAITING_FOR_CREDENTIALS)
        return in_doubt_outcome(followed.blocker.message, followed.at)
    state = _FINAL_STATES.get(followed.progress or UpstreamProgress.RUNNING)
    if state is None:
        return None
    failure = None
    if state is OperationState.FAILED:
        message = followed.message or "The vendor says that it failed, and not why."
        failure = Failure(code=UserErrorCode.FAILED_UPSTREAM, message=message)
    return OperationOutcome(
        state=state,
        at=followed.at,
        failure=failure,
        reference=reference,
        purchase=followed.purchase,
        body=followed.body,
    )


_FINAL_STATES: Final = {
    UpstreamProgress.DONE: OperationState.DONE,
    UpstreamProgress.DONE_WITH_LICENSE_ERRORS: OperationState.DONE_WITH_LICENSE_ERRORS,
    UpstreamProgress.FAILED: OperationState.FAILED,
}


def poll_delay_s(polls: int) -> float:
    """Return how long to wait before asking again: 5 s at first, a minute in the end."""
    return min(_FIRST_POLL_S * 2.0 ** min(polls, 10), _MAX_BACKOFF_S)


def cancelled_outcome(now: float) -> OperationOutcome:
    """End without having done anything."""
    return OperationOutcome(state=OperationState.CANCELLED, at=now)


def in_doubt_outcome(reason: str, now: float) -> OperationOutcome:
    """End without knowing."""
    message = f"Whether it was done is not known: {reason}. Look, then settle it."
    return OperationOutcome(
        state=OperationState.IN_DOUBT,
        at=now,
        failure=Failure(code=UserErrorCode.OUTCOME_UNKNOWN, message=message),
    )


def _back_off(reason: str, now: float, pause_s: float) -> Backoff:
    return Backoff(reason=reason, until=now + pause_s, delay_s=pause_s)


def _backoff_s(history: History, blocker: Blocker, policy: Policy) -> float:
    """As long as the vendor asks, within reason; else longer each time."""
    if blocker.retry_after_s is not None:
        return min(max(0.0, blocker.retry_after_s), MAX_RETRY_AFTER_S)
    doublings = min(len(history.attempts) + history.delays, 10)
    return min(policy.initial_backoff_s * 2.0**doublings / 2, _MAX_BACKOFF_S)
