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

from gateway.operations.entries import (
    Announcement,
    AttemptRecord,
    Ending,
    Failure,
    Followed,
    Looked,
    Progress,
    Sent,
    Trouble,
    Verdict,
    Waiting,
)
from gateway.operations.record import Policy
from schema.operation import AttemptOutcome, OperationState
from schema.user_errors import UserErrorCode

_LONGEST_PAUSE_S: Final = 60.0
LONGEST_RETRY_AFTER_S: Final = 3600.0
_FIRST_POLL_S: Final = 5.0
_WAITS_FOR_CALLER: Final = "waits for its caller, whose token is not kept, to call again"


@dataclass(frozen=True, slots=True)
class Look:
    """Find out what was done."""


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Announce another attempt now."""


Decision = Ending | Waiting | Look | SendAgain


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
    def last(self) -> Sent:
        """The end of the last attempt."""
        sent = self.attempts[-1].sent
        assert sent is not None  # noqa: S101 - a history is made of ended attempts
        return sent

    @property
    def first_unanswered(self) -> Announcement | None:
        """The first attempt that may have been done, if there is one."""
        unanswered = (
            each.announcement
            for each in self.attempts
            if each.sent is not None and each.sent.outcome is AttemptOutcome.UNANSWERED
        )
        return next(unanswered, None)

    @property
    def refused_tokens(self) -> int:
        """How many attempts were refused for their token."""
        return sum(each.sent is not None and each.sent.has_fresh_token for each in self.attempts)


def after_attempt(history: History, policy: Policy) -> Decision:
    """Decide by how far the last attempt got."""
    sent = history.last
    match sent.outcome:
        case AttemptOutcome.SUCCEEDED:
            return _after_yes(history)
        case AttemptOutcome.UNANSWERED:
            return Look()
        case AttemptOutcome.REFUSED:
            return _after_no(history)
        case _:
            return after_trouble(history, sent.trouble or _UNNAMED, sent.at, policy)


_UNNAMED: Final = Trouble(message="it could not be sent")


def _after_yes(history: History) -> Decision:
    sent = history.last
    if sent.has_errors:
        # After an unanswered attempt, "not active any more" may be its own doing.
        return Look() if history.first_unanswered else refused_by(sent)
    state = (
        OperationState.DONE_WITH_LICENSE_ERRORS if sent.has_license_errors else OperationState.DONE
    )
    return Ending(
        state=state,
        at=sent.at,
        reference=sent.reference,
        purchase=sent.purchase,
        body=sent.body,
    )


def _after_no(history: History) -> Decision:
    if history.last.has_fresh_token and history.refused_tokens == 1:
        return SendAgain()
    return Look() if history.first_unanswered else refused_by(history.last)


def refused_by(sent: Sent) -> Ending:
    """End with the vendor's no."""
    trouble = sent.trouble
    message = trouble.message if trouble else "The vendor does not allow it; see `result`."
    return Ending(
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


def after_trouble(history: History, trouble: Trouble, now: float, policy: Policy) -> Decision:
    """Decide about something in the way before anything was sent: wait, or give up."""
    if trouble.needs_caller:
        return Waiting(reason=_WAITS_FOR_CALLER)
    if trouble.passes and now < history.created_at + policy.retry_timeout_s:
        return _wait(trouble.message, now, _pause_s(history, trouble, policy))
    if history.first_unanswered:
        return in_doubt(trouble.message, now)
    failure = Failure(code=UserErrorCode.NOT_SENT, message=f"Nothing was sent: {trouble.message}")
    return Ending(state=OperationState.FAILED, at=now, failure=failure)


def may_send_unseen(history: History, now: float, policy: Policy) -> bool:
    """Whether the vendor would still know an attempt that was perhaps done."""
    unanswered = history.first_unanswered
    # A clock that was set back tells nothing about how long ago it was.
    return unanswered is None or unanswered.at <= now < unanswered.at + policy.idempotency_window_s


def after_look(history: History, looked: Looked, policy: Policy) -> Decision:
    """Decide by what was found about attempts without an answer."""
    now = looked.at
    unanswered = history.first_unanswered
    if looked.verdict is None or unanswered is None:
        return after_trouble(history, looked.trouble or _UNNAMED, now, policy)
    if looked.verdict is Verdict.DONE:
        return Ending(
            state=OperationState.DONE,
            at=now,
            reference=looked.reference,
            purchase=looked.purchase,
            body=looked.body,
            evidence=_evidence(unanswered, looked),
        )
    if looked.verdict is Verdict.UNCLEAR:
        return in_doubt("what is there now may be its doing or another's", now)
    if _is_answer_to_all(history.last):
        return refused_by(history.last)
    pause_s = _pause_s(history, history.last.trouble or _UNNAMED, policy)
    if may_send_unseen(history, now + pause_s, policy):
        return _wait("was not answered, and is not done yet", now, pause_s)
    return in_doubt("was not answered, and may still be done", now)


def _is_answer_to_all(sent: Sent) -> bool:
    """Whether an earlier attempt under the same request id would get the same no.

    A refused token says nothing about it: the vendor may still carry that attempt out.
    """
    return sent.outcome is AttemptOutcome.SUCCEEDED or (
        sent.outcome is AttemptOutcome.REFUSED and not _is_token_refused(sent)
    )


def _is_token_refused(sent: Sent) -> bool:
    return sent.trouble is not None and sent.trouble.status == 401  # noqa: PLR2004 - RFC 9110


def _evidence(unanswered: Announcement, looked: Looked) -> str:
    """Say how a purchase without a response was found."""
    purchase = looked.reference or looked.purchase
    found = f": {purchase}" if purchase else ""
    return (
        f"Attempt {unanswered.number} was not answered. What it was to make was found in Partner"
        f" Center afterwards{found}."
    )


def after_follow(followed: Followed, reference: str) -> Decision | None:
    """Decide by how far what was accepted is; None while it goes on."""
    if followed.trouble is not None:
        if followed.trouble.needs_caller:
            return Waiting(reason=_WAITS_FOR_CALLER)
        return in_doubt(followed.trouble.message, followed.at)
    state = _FINAL.get(followed.progress or Progress.RUNNING)
    if state is None:
        return None
    failure = None
    if state is OperationState.FAILED:
        message = followed.message or "The vendor says that it failed, and not why."
        failure = Failure(code=UserErrorCode.FAILED_UPSTREAM, message=message)
    return Ending(
        state=state,
        at=followed.at,
        failure=failure,
        reference=reference,
        purchase=followed.purchase,
        body=followed.body,
    )


_FINAL: Final = {
    Progress.DONE: OperationState.DONE,
    Progress.DONE_WITH_LICENSE_ERRORS: OperationState.DONE_WITH_LICENSE_ERRORS,
    Progress.FAILED: OperationState.FAILED,
}


def poll_pause_s(polls: int) -> float:
    """Return how long to wait before asking again: 5 s at first, a minute in the end."""
    return min(_FIRST_POLL_S * 2.0 ** min(polls, 10), _LONGEST_PAUSE_S)


def cancelled(now: float) -> Ending:
    """End without having done anything."""
    return Ending(state=OperationState.CANCELLED, at=now)


def in_doubt(reason: str, now: float) -> Ending:
    """End without knowing."""
    message = f"Whether it was done is not known: {reason}. Look, then settle it."
    return Ending(
        state=OperationState.IN_DOUBT,
        at=now,
        failure=Failure(code=UserErrorCode.OUTCOME_UNKNOWN, message=message),
    )


def _wait(reason: str, now: float, pause_s: float) -> Waiting:
    return Waiting(reason=reason, until=now + pause_s, pause_s=pause_s)


def _pause_s(history: History, trouble: Trouble, policy: Policy) -> float:
    """As long as the vendor asks, within reason; else longer each time."""
    if trouble.retry_after_s is not None:
        return min(max(0.0, trouble.retry_after_s), LONGEST_RETRY_AFTER_S)
    doublings = min(len(history.attempts) + history.delays, 10)
    return min(policy.initial_backoff_s * 2.0**doublings / 2, _LONGEST_PAUSE_S)
