"""Decides the next step of an operation from its stored results. Pure functions.

::

    check ──▶ send ──▶ responded: DONE, DONE_WITH_LICENSE_ERRORS, REFUSED, FAILED
                 │
                 ├──▶ never sent, or 429: wait, send again
                 └──▶ no response: reconcile ──▶ done:     DONE
                        ▲             ├────▶ not done: send again within the idempotency
                        └──── wait ◀──┘                window, IN_DOUBT after it
                                      └────▶ unclear:  IN_DOUBT

After an attempt without a response, a refusal may mean that this attempt took effect. It is
followed by a reconciliation, too.

Times come from the results, never from the clock, so that a replay decides the same.
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
_WAITING_FOR_CREDENTIALS: Final = (
    "The gateway has no token of the caller. The operation continues with the caller's next"
    " request."
)
NO_RESPONSE: Final = "Partner Center did not respond to the order."


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The decision to find out whether an attempt without a response took effect."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The decision to send the order once more now."""


Decision = OperationOutcome | Backoff | Reconcile | Retry


@dataclass(frozen=True, slots=True)
class History:
    """The attempts of an operation so far. The last one has a result.

    Attributes:
        created_at: when the operation was recorded.
        delays: the number of waits since the last attempt.
    """

    created_at: float
    attempts: tuple[AttemptRecord, ...]
    delays: int = 0

    @property
    def last(self) -> SendResult:
        sent = self.attempts[-1].result
        assert sent is not None  # noqa: S101 - each attempt has ended
        return sent

    @property
    def first_unanswered(self) -> AttemptIntent | None:
        """The first attempt without a response; it may have taken effect. None if there is none."""
        unanswered = (
            each.intent
            for each in self.attempts
            if each.result is not None and each.result.outcome is AttemptOutcome.UNANSWERED
        )
        return next(unanswered, None)

    @property
    def refused_tokens(self) -> int:
        return sum(
            each.result is not None and each.result.has_fresh_token for each in self.attempts
        )


def after_attempt(history: History, policy: Policy) -> Decision:
    sent = history.last
    match sent.outcome:
        case AttemptOutcome.SUCCEEDED:
            return _after_accepted(history)
        case AttemptOutcome.UNANSWERED:
            return Reconcile()
        case AttemptOutcome.REFUSED:
            return _after_rejected(history)
        case _:
            return after_blocker(history, sent.blocker or _UNKNOWN_BLOCKER, sent.at, policy)


_UNKNOWN_BLOCKER: Final = Blocker(message="The order could not be sent.")


def _after_accepted(history: History) -> Decision:
    sent = history.last
    if sent.has_errors:
        # The source may be inactive because of an earlier attempt without a response.
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


_SEE_RESULT: Final = (
    "Partner Center does not allow the upgrade. `result.upgradeErrors` has the reasons."
)


def refused_outcome(sent: SendResult) -> OperationOutcome:
    """Build the outcome of an operation whose order the vendor has refused."""
    message = sent.blocker.message if sent.blocker else _SEE_RESULT
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
    """Decide whether a blocked step is tried again later, or the operation ends.

    The operation ends if it was recorded longer ago than the retry timeout.
    """
    if blocker.needs_credentials:
        return Backoff(reason=_WAITING_FOR_CREDENTIALS)
    if blocker.is_transient and now < history.created_at + policy.retry_timeout_s:
        return _back_off(blocker.message, now, _backoff_s(history, blocker, policy))
    if history.first_unanswered:
        return in_doubt_outcome(blocker.message, now)
    failure = Failure(code=UserErrorCode.NOT_SENT, message=f"Nothing was sent: {blocker.message}")
    return OperationOutcome(state=OperationState.FAILED, at=now, failure=failure)


def is_within_idempotency_window(history: History, now: float, policy: Policy) -> bool:
    """Whether the vendor would still recognize a repeated order by its request id."""
    unanswered = history.first_unanswered
    # If the clock was set back, the age of the attempt is unknown.
    return unanswered is None or unanswered.at <= now < unanswered.at + policy.idempotency_window_s


def after_reconcile(history: History, found: ReconcileResult, policy: Policy) -> Decision:
    now = found.at
    unanswered = history.first_unanswered
    if found.verdict is None or unanswered is None:
        return after_blocker(history, found.blocker or _UNKNOWN_BLOCKER, now, policy)
    if found.verdict is Verdict.DONE:
        return OperationOutcome(
            state=OperationState.DONE,
            at=now,
            reference=found.reference,
            purchase=found.purchase,
            body=found.body,
            evidence=_evidence(unanswered, found),
        )
    if found.verdict is Verdict.UNCLEAR:
        return in_doubt_outcome(_UNATTRIBUTED, now)
    if _is_conclusive(history.last):
        return refused_outcome(history.last)
    delay_s = _backoff_s(history, history.last.blocker or _UNKNOWN_BLOCKER, policy)
    if is_within_idempotency_window(history, now + delay_s, policy):
        return _back_off(f"{NO_RESPONSE} It has not taken effect yet.", now, delay_s)
    return in_doubt_outcome(NO_RESPONSE, now)


_UNATTRIBUTED: Final = (
    "Partner Center did not respond, and the changes found there may be from this order or from"
    " another purchase."
)


def _is_conclusive(sent: SendResult) -> bool:
    """Whether the last response also decides about earlier attempts with the same request id.

    The refusal of a token does not: the vendor may still execute an earlier attempt.
    """
    return sent.outcome is AttemptOutcome.SUCCEEDED or (
        sent.outcome is AttemptOutcome.REFUSED and not _is_token_refused(sent)
    )


def _is_token_refused(sent: SendResult) -> bool:
    return sent.blocker is not None and sent.blocker.status == 401  # noqa: PLR2004 - RFC 9110


def _evidence(unanswered: AttemptIntent, found: ReconcileResult) -> str:
    """Explain how a purchase without a response was found."""
    purchase = found.reference or found.purchase
    name = f": {purchase}" if purchase else ""
    return (
        f"Attempt {unanswered.number} got no response. Its result was found in Partner Center"
        f" afterwards{name}."
    )


def after_poll(found: PollResult, reference: str) -> Decision | None:
    """Return the operation's outcome, or None while the upgrade is still running."""
    if found.blocker is not None:
        if found.blocker.needs_credentials:
            return Backoff(reason=_WAITING_FOR_CREDENTIALS)
        return in_doubt_outcome(found.blocker.message, found.at)
    state = _FINAL_STATES.get(found.progress or UpstreamProgress.RUNNING)
    if state is None:
        return None
    failure = None
    if state is OperationState.FAILED:
        message = found.message or "Partner Center reports a failure without a reason."
        failure = Failure(code=UserErrorCode.FAILED_UPSTREAM, message=message)
    return OperationOutcome(
        state=state,
        at=found.at,
        failure=failure,
        reference=reference,
        purchase=found.purchase,
        body=found.body,
    )


_FINAL_STATES: Final = {
    UpstreamProgress.DONE: OperationState.DONE,
    UpstreamProgress.DONE_WITH_LICENSE_ERRORS: OperationState.DONE_WITH_LICENSE_ERRORS,
    UpstreamProgress.FAILED: OperationState.FAILED,
}


def poll_delay_s(polls: int) -> float:
    """Return the delay before the next poll: 5 s after the first one, at most 60 s."""
    return min(_FIRST_POLL_S * 2.0 ** min(polls, 10), _MAX_BACKOFF_S)


def cancelled_outcome(now: float) -> OperationOutcome:
    return OperationOutcome(state=OperationState.CANCELLED, at=now)


def in_doubt_outcome(reason: str, now: float) -> OperationOutcome:
    """Build the outcome of an operation that a person has to settle. `reason` is a sentence."""
    message = (
        f"{reason.rstrip('.')}. The outcome is unknown, and the upgrade may still take effect."
        " Check Partner Center, then call `settleOperation`."
    )
    return OperationOutcome(
        state=OperationState.IN_DOUBT,
        at=now,
        failure=Failure(code=UserErrorCode.OUTCOME_UNKNOWN, message=message),
    )


def _back_off(reason: str, now: float, delay_s: float) -> Backoff:
    return Backoff(reason=reason, until=now + delay_s, delay_s=delay_s)


def _backoff_s(history: History, blocker: Blocker, policy: Policy) -> float:
    """Return the vendor's `Retry-After` within limits, else an exponential backoff."""
    if blocker.retry_after_s is not None:
        return min(max(0.0, blocker.retry_after_s), MAX_RETRY_AFTER_S)
    doublings = min(len(history.attempts) + history.delays, 10)
    return min(policy.initial_backoff_s * 2.0**doublings / 2, _MAX_BACKOFF_S)
