"""What pretended vendors answer, whatever they sell."""

from gateway.operations.model.steps import Baseline, Blocker, CheckResult, Failure, SendResult
from schema.operation import AttemptOutcome
from schema.user_errors import UserErrorCode


def check_result(at: float, *, is_sold: bool) -> CheckResult:
    """What is sold already is not sold again."""
    if is_sold:
        failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message="not active")
        return CheckResult(at=at, refusal=failure)
    return CheckResult(at=at, baseline=Baseline(quantity=1))


def unaccepted_result(fate: str, at: float) -> SendResult | None:
    """A sending that the vendor knows nothing of, or wants to know nothing of."""
    match fate:
        case "never sent":
            return SendResult(
                outcome=AttemptOutcome.NEVER_SENT, at=at, blocker=Blocker(message="x")
            )
        case "throttled":
            blocker = Blocker(message="busy", retry_after_s=57)
            return SendResult(outcome=AttemptOutcome.THROTTLED, at=at, blocker=blocker)
        case "refused":
            blocker = Blocker(message="no", is_transient=False, status=403)
            return SendResult(outcome=AttemptOutcome.REFUSED, at=at, blocker=blocker)
        case _:
            return None


def unanswered_result(at: float) -> SendResult:
    """A sending that may have arrived."""
    return SendResult(outcome=AttemptOutcome.UNANSWERED, at=at, blocker=Blocker(message="silence"))
