"""The results of steps whose call failed, or whose order is refused."""

from typing import Final

from gateway.operations.model.steps import Blocker, CheckResult, Failure, SendResult
from gateway.upstream.errors import (
    Throttled,
    Unauthorized,
    UpstreamBadInput,
    UpstreamError,
    UpstreamForbidden,
    UpstreamNotFound,
)
from gateway.upstream.write_outcome import NeverSent, Rejected, Unconfirmed
from schema.operation import AttemptOutcome
from schema.user_errors import UserError, UserErrorCode

REJECTIONS: Final = (UpstreamBadInput, UpstreamForbidden, UpstreamNotFound)
"""Errors of a read that are about the order, so that repeating it makes no sense."""
_PERMANENT: Final = (*REJECTIONS, Unauthorized)


def check_failed(error: UpstreamError, at: float) -> CheckResult:
    """Build the result of a check during which a call failed.

    If the vendor rejects the order, that is final; any other error blocks the check for now.
    """
    if not isinstance(error, REJECTIONS):
        return CheckResult(at=at, blocker=blocker_from(error))
    return refused(rejection(error), at)


def rejection(error: UpstreamError) -> UserError:
    is_missing = isinstance(error, UpstreamNotFound)
    code = UserErrorCode.NOT_FOUND if is_missing else UserErrorCode.REFUSED_BY_VENDOR
    return UserError(code=code, message=str(error))


def refused(error: UserError, at: float, body: str | None = None) -> CheckResult:
    failure = Failure(code=error.code, message=error.message, field=error.field)
    return CheckResult(at=at, refusal=failure, body=body)


def send_failed(outcome: NeverSent | Unconfirmed | Rejected, at: float) -> SendResult:
    """Build the result of an attempt that the vendor has not accepted, as far as is known."""
    blocker = blocker_from(outcome.error)
    if isinstance(outcome, NeverSent):
        return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=at, blocker=blocker)
    if isinstance(outcome, Unconfirmed):
        return SendResult(outcome=AttemptOutcome.UNANSWERED, at=at, blocker=blocker)
    if isinstance(outcome.error, Throttled):
        return SendResult(outcome=AttemptOutcome.THROTTLED, at=at, blocker=blocker)
    return SendResult(
        outcome=AttemptOutcome.REFUSED,
        at=at,
        blocker=blocker,
        has_fresh_token=outcome.has_fresh_token,
    )


def blocker_from(error: UpstreamError) -> Blocker:
    return Blocker(
        message=str(error),
        is_transient=not isinstance(error, _PERMANENT),
        retry_after_s=error.retry_after_s or None,  # after 0 s the operation's own backoff applies
        status=error.status,
        code=error.upstream_code,
    )
