"""The outcomes of sending a write once. They decide what may be done next.

::

    WriteOutcome
    ├── NeverSent    it was not sent; sending it is safe
    ├── Unconfirmed  it was sent, and may have been executed: reconcile before sending it again
    ├── Rejected     the vendor rejected it; nothing was done
    └── Accepted     the vendor responded with 2xx; the body says what was done
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

# CONTRACT 8.2: after 408 and all other 5xx, the write may have been executed.
_DEFINITE_REJECTIONS: Final = frozenset({*range(400, 500), 501} - {408})


@dataclass(frozen=True, slots=True)
class NeverSent:
    """The write was not sent. `error` says why."""

    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The write was sent, and no response says whether it was executed."""

    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor rejected the write.

    Attributes:
        has_fresh_token: whether a rejected token was the reason and has been replaced since.
    """

    error: UpstreamError
    has_fresh_token: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor responded with 2xx. The body may still report a failure (CONTRACT 0, rule 8)."""

    response: UpstreamResponse


WriteOutcome = NeverSent | Unconfirmed | Rejected | Accepted


def outcome_from_response(
    response: UpstreamResponse, now: float, max_retry_after_s: float = MAX_RETRY_AFTER_S
) -> Unconfirmed | Rejected | Accepted:
    """Return the outcome of a write for a complete response.

    Args:
        response: a response with any status.
        now: seconds since the epoch, for a `Retry-After` that is a date.
        max_retry_after_s: the longest `Retry-After` that is followed.
    """
    if response.is_success:
        return Accepted(response)
    error = error_from_response(response, now, max_retry_after_s)
    return Rejected(error) if response.status in _DEFINITE_REJECTIONS else Unconfirmed(error)


def outcome_from_failure(failure: TransportError) -> NeverSent | Unconfirmed:
    """Return the outcome of a write that has no complete response."""
    error = error_from_transport(failure)
    return NeverSent(error) if isinstance(failure, ConnectFailed) else Unconfirmed(error)


def unreadable_response(accepted: Accepted, reason: str, code: str | None = None) -> Unconfirmed:
    """Return the outcome of a write whose 2xx response cannot be decoded."""
    return Unconfirmed(
        InvalidResponse(
            f"Partner Center's response cannot be decoded: {reason}",
            status=accepted.response.status,
            upstream_code=code,
        )
    )
