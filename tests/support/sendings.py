"""What pretended vendors answer, whatever they sell."""

from gateway.operations.entries import Checked, Facts, Failure, Sent, Trouble
from schema.operation import AttemptOutcome
from schema.user_errors import UserErrorCode


def checked(at: float, *, is_sold: bool) -> Checked:
    """What is sold already is not sold again."""
    if is_sold:
        failure = Failure(code=UserErrorCode.NOT_ELIGIBLE, message="not active")
        return Checked(at=at, refusal=failure)
    return Checked(at=at, facts=Facts(quantity=1))


def not_accepted(fate: str, at: float) -> Sent | None:
    """A sending that the vendor knows nothing of, or wants to know nothing of."""
    match fate:
        case "never sent":
            return Sent(outcome=AttemptOutcome.NEVER_SENT, at=at, trouble=Trouble(message="x"))
        case "throttled":
            trouble = Trouble(message="busy", retry_after_s=57)
            return Sent(outcome=AttemptOutcome.THROTTLED, at=at, trouble=trouble)
        case "refused":
            trouble = Trouble(message="no", passes=False, status=403)
            return Sent(outcome=AttemptOutcome.REFUSED, at=at, trouble=trouble)
        case _:
            return None


def unanswered(at: float) -> Sent:
    """A sending that may have arrived."""
    return Sent(outcome=AttemptOutcome.UNANSWERED, at=at, trouble=Trouble(message="silence"))
