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
    InvalidResponse,
    UpstreamError,
    error_from_response,
    error_from_transport,
)
from gateway.upstream.transport.base import ConnectFailed, TransportError, UpstreamResponse

# CONTRACT 8.2: of all other 5xx, and of 408, nobody knows whether the work was done.
_DEFINITE_REJECTIONS: Final = frozenset({*range(400, 500), 501} - {408})


@dataclass(frozen=True, slots=True)
class NeverSent:
    """Nothing left this process; `error` says what was in the way."""

    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Sent, and without an answer that decides anything."""

    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Rejected:
    """Answered with a no.

    Attributes:
        has_fresh_token: the no was for the token, which has been replaced since.
    """

    error: UpstreamError
    has_fresh_token: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """Answered with 2xx, which alone does not mean success (CONTRACT 0, rule 8)."""

    response: UpstreamResponse


WriteOutcome = NeverSent | Unconfirmed | Rejected | Accepted


def outcome_from_response(
    response: UpstreamResponse, now: float, max_retry_after_s: float = MAX_RETRY_AFTER_S
) -> Unconfirmed | Rejected | Accepted:
    """Judge a complete answer.

    Args:
        response: of any status.
        now: seconds since the epoch, for a dated `Retry-After`.
        max_retry_after_s: whatever it asks for, no longer wait is taken over.
    """
    if response.is_success:
        return Accepted(response)
    error = error_from_response(response, now, max_retry_after_s)
    return Rejected(error) if response.status in _DEFINITE_REJECTIONS else Unconfirmed(error)


def outcome_from_failure(failure: TransportError) -> NeverSent | Unconfirmed:
    """Judge an exchange without a complete answer."""
    error = error_from_transport(failure)
    return NeverSent(error) if isinstance(failure, ConnectFailed) else Unconfirmed(error)


def unreadable_response(accepted: Accepted, reason: str, code: str | None = None) -> Unconfirmed:
    """Judge a 2xx whose body says nothing: what was done has to be looked up."""
    return Unconfirmed(
        InvalidResponse(
            f"Partner Center's answer cannot be read: {reason}",
            status=accepted.response.status,
            upstream_code=code,
        )
    )
