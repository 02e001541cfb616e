"""What came of sending a write once: how far it got decides what may be done next.

::

    Outcome
    ├── NeverSent    it did not leave; sending it is safe
    ├── Unanswered   it left, and nobody knows whether it was done: look before sending again
    ├── Refused      it was answered with a definite no; nothing was done
    └── Accepted     it was answered with 2xx; the body says what was done
"""

from dataclasses import dataclass
from typing import Final

from gateway.upstream.errors import (
    MAX_RETRY_AFTER_S,
    InvalidAnswer,
    UpstreamError,
    failure,
    refusal,
)
from gateway.upstream.transport import Answer, NotSent, TransportFailure

# CONTRACT 8.2: of all other 5xx, and of 408, nobody knows whether the work was done.
_REFUSALS: Final = frozenset({*range(400, 500), 501} - {408})


@dataclass(frozen=True, slots=True)
class NeverSent:
    """Nothing left this process; `error` says what was in the way."""

    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Sent, and without an answer that decides anything."""

    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Refused:
    """Answered with a no.

    Attributes:
        has_fresh_token: the no was for the token, which has been replaced since.
    """

    error: UpstreamError
    has_fresh_token: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """Answered with 2xx, which alone does not mean success (CONTRACT 0, rule 8)."""

    answer: Answer


Outcome = NeverSent | Unanswered | Refused | Accepted


def outcome_of_answer(
    answer: Answer, now: float, max_retry_after_s: float = MAX_RETRY_AFTER_S
) -> Unanswered | Refused | Accepted:
    """Judge a complete answer.

    Args:
        answer: of any status.
        now: seconds since the epoch, for a dated `Retry-After`.
        max_retry_after_s: whatever it asks for, no longer wait is taken over.
    """
    if answer.is_success:
        return Accepted(answer)
    error = refusal(answer, now, max_retry_after_s)
    return Refused(error) if answer.status in _REFUSALS else Unanswered(error)


def outcome_of_failure(lost: TransportFailure) -> NeverSent | Unanswered:
    """Judge an exchange without a complete answer."""
    error = failure(lost)
    return NeverSent(error) if isinstance(lost, NotSent) else Unanswered(error)


def unreadable(accepted: Accepted, reason: str, code: str | None = None) -> Unanswered:
    """Judge a 2xx whose body says nothing: what was done has to be looked up."""
    return Unanswered(
        InvalidAnswer(
            f"Partner Center's answer cannot be read: {reason}",
            status=accepted.answer.status,
            upstream_code=code,
        )
    )
