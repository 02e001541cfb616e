"""Step results of fake vendors."""

import enum

from gateway.operations.model.steps import Baseline, Blocker, CheckResult, Failure, SendResult
from schema.operation import AttemptOutcome
from schema.user_errors import UserErrorCode


class SendFate(enum.Enum):
    """The treatment of a purchase by a fake vendor.

    LATE: no response; the purchase takes effect when the test delivers it.
    """

    DONE = enum.auto()
    NEVER_SENT = enum.auto()
    THROTTLED = enum.auto()
    REFUSED = enum.auto()
    REQUEST_LOST = enum.auto()
    RESPONSE_LOST = enum.auto()
    LATE = enum.auto()


def check_result(at: float, *, is_sold: bool) -> CheckResult:
    """Refuse an order if its subscription has been upgraded."""
    if is_sold:
        failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message="not active")
        return CheckResult(at=at, refusal=failure)
    return CheckResult(at=at, baseline=Baseline(quantity=1))


def unaccepted_result(fate: SendFate, at: float) -> SendResult | None:
    """Return the result of a send that certainly had no effect; None for other fates."""
    match fate:
        case SendFate.NEVER_SENT:
            return SendResult(
                outcome=AttemptOutcome.NEVER_SENT, at=at, blocker=Blocker(message="x")
            )
        case SendFate.THROTTLED:
            blocker = Blocker(message="busy", retry_after_s=57)
            return SendResult(outcome=AttemptOutcome.THROTTLED, at=at, blocker=blocker)
        case SendFate.REFUSED:
            blocker = Blocker(message="no", is_transient=False, status=403)
            return SendResult(outcome=AttemptOutcome.REFUSED, at=at, blocker=blocker)
        case _:
            return None


def unanswered_result(at: float) -> SendResult:
    """Return the result of a send without a response."""
    return SendResult(outcome=AttemptOutcome.UNANSWERED, at=at, blocker=Blocker(message="silence"))
