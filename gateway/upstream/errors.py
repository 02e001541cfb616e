"""What a call can end with, and the translation of refusals and failed exchanges into it.

::

    UpstreamError
    ├── BadInput            the vendor does not accept what was asked
    ├── Unauthorized        no token, or one that is not accepted
    │   └── NoToken         this gateway itself has none
    ├── Forbidden           a good token that does not permit this
    ├── NotFound
    ├── Conflict            the state of things does not permit this now
    ├── Throttled           too many calls; `retry_after_s` says when to come back
    ├── TimedOut            no answer, or none in time; what was sent may have been done
    ├── Unavailable         cannot be reached, or fails
    │   └── IssuerUnavailable   whoever issues this gateway's tokens
    ├── InvalidAnswer       an answer that cannot be read
    └── CallBudgetExceeded  our own limit: raised before a call that would pass the request's cap
"""

import re
from collections.abc import Mapping
from typing import Final

from gateway.upstream.dates import read_date
from gateway.upstream.faults import printable, read_fault
from gateway.upstream.transport import (
    Answer,
    AnswerLost,
    AnswerTimedOut,
    AnswerTruncated,
    NotSent,
    TransportFailure,
)
from schema import problems


class UpstreamError(Exception):
    """A call without a usable answer; the message is for people and holds no secret.

    Attributes:
        status: HTTP status of the answer, if there was one.
        upstream_code: the vendor's own error code, as a string whatever form it came in.
        request_id: `MS-RequestId` of the call.
        correlation_id: `MS-CorrelationId` of the call, which the vendor's support asks for.
        retry_after_s: seconds the vendor asks to wait before the call is sent again, if it does.
        ran_out_of_time: with a later deadline this might have ended otherwise.
    """

    retry_after_s: float | None = None
    ran_out_of_time: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        upstream_code: str | None = None,
        request_id: str | None = None,
        correlation_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.upstream_code = upstream_code
        self.request_id = request_id
        self.correlation_id = correlation_id

    @property
    def public(self) -> str:
        """What the caller of the gateway may be told."""
        return str(self)

    def quote(self, answered: "UpstreamError") -> None:
        """Take over what the vendor said in an answer that led to this error."""
        self.status = answered.status
        self.upstream_code = answered.upstream_code
        self.request_id = answered.request_id
        self.correlation_id = answered.correlation_id


class BadInput(UpstreamError, problems.BadInput):
    """What was asked is not accepted: an identifier, a value or a combination of them."""


class Unauthorized(UpstreamError):
    """There is no token, or the vendor does not accept it."""


class NoToken(Unauthorized):
    """This gateway itself has no token; the message names its settings and is for its operator."""

    @property
    def public(self) -> str:
        """Tell the caller no more than whom to ask."""
        return (
            "This gateway has no valid Partner Center token. Its operator finds the reason in the"
            " log, by the correlation id."
        )


class Forbidden(UpstreamError, problems.Forbidden):
    """The token is good and does not permit this."""


class NotFound(UpstreamError, problems.NotFound):
    """There is no such thing, or not for this partner."""


class Conflict(UpstreamError):
    """The present state does not permit this; look again before asking again."""


class Throttled(UpstreamError):
    """Too many calls in a scope.

    Attributes:
        retry_after_s: seconds until a call of the same scope has a chance.
    """

    retry_after_s: float = 0.0

    @classmethod
    def until(cls, message: str, retry_after_s: float) -> "Throttled":
        """Build one for a wait of ours, before any answer."""
        error = cls(message)
        error.retry_after_s = retry_after_s
        return error


class TimedOut(UpstreamError):
    """There is no answer, or none in time; what was sent may have been done."""

    @property
    def public(self) -> str:
        """Say that the vendor failed."""
        return _said_by_the_vendor(self)


class Unavailable(UpstreamError):
    """The vendor cannot be reached, or answers with a failure of its own."""

    @property
    def public(self) -> str:
        """Say that the vendor failed."""
        return _said_by_the_vendor(self)


class IssuerUnavailable(Unavailable):
    """Whoever issues this gateway's tokens cannot be reached; the message is for its operator."""

    @property
    def public(self) -> str:
        """Tell the caller no more than that it may pass."""
        return (
            "Microsoft's identity platform, which issues this gateway's Partner Center tokens,"
            " cannot be reached or fails; ask again in a moment."
        )


class InvalidAnswer(UpstreamError):
    """The answer cannot be read: cut, too long, or not what the contract says."""


class CallBudgetExceeded(UpstreamError, problems.LimitExceeded):
    """The request has used up the upstream calls it may make; nothing was sent."""

    rule = "upstream_calls"


_BY_STATUS: Final[dict[int, type[UpstreamError]]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: TimedOut,
    409: Conflict,
    412: Conflict,
    429: Throttled,
    504: TimedOut,
}
# CONTRACT 8.3: codes that mean something else than their status.
_BY_STATUS_AND_CODE: Final[dict[tuple[int, str], type[UpstreamError]]] = {
    (400, "2055"): Conflict,  # a stale ETag, for which others answer 412
    (400, "800082"): Conflict,  # not ready for update; 409 in the newer documents
    (400, "900110"): Conflict,  # the product upgrade is completed already
}
_DEFAULT_RETRY_AFTER_S: Final = 1.0  # a 429 that does not say
MAX_RETRY_AFTER_S: Final = 600.0
"""Longest wait that the vendor may ask for, unless it is set otherwise."""

# Azure's services say it in milliseconds too, which is more exact.
_MILLISECONDS: Final = ("retry-after-ms", "x-ms-retry-after-ms")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")


def refusal(
    answer: Answer, now: float, max_retry_after_s: float = MAX_RETRY_AFTER_S
) -> UpstreamError:
    """Translate an answer that is not a success (CONTRACT 8.1, 8.2).

    Args:
        answer: any answer whose status is not 2xx.
        now: seconds since the epoch, for a `Retry-After` that names a date.
        max_retry_after_s: whatever it asks for, no longer wait is taken over.
    """
    fault = read_fault(answer)
    kind = _BY_STATUS_AND_CODE.get((answer.status, fault.code or "")) or _kind(answer.status)
    error = kind(
        fault.description,
        status=answer.status,
        upstream_code=fault.code,
        request_id=_identifier(answer, "MS-RequestId"),
        correlation_id=_identifier(answer, "MS-CorrelationId"),
    )
    wait_s = _asked_wait_s(answer.headers, now)
    if wait_s is None and isinstance(error, Throttled):
        wait_s = _DEFAULT_RETRY_AFTER_S
    if wait_s is not None:
        error.retry_after_s = min(wait_s, max_retry_after_s)
    return error


def failure(outcome: TransportFailure) -> UpstreamError:
    """Translate an exchange without a complete answer."""
    if isinstance(outcome, NotSent):
        return Unavailable(f"Partner Center cannot be reached: {outcome}")
    if isinstance(outcome, AnswerTimedOut):
        return TimedOut(f"Partner Center did not answer in time: {outcome}")
    if isinstance(outcome, AnswerLost) and not isinstance(outcome, AnswerTruncated):
        return TimedOut(f"Partner Center did not answer: {outcome}")
    return InvalidAnswer(f"Partner Center's answer cannot be read: {outcome}")


def _said_by_the_vendor(error: UpstreamError) -> str:
    """Introduce what the vendor said of its own failure, which could be read as the gateway's."""
    text = str(error)
    if error.status is None or text.startswith("Partner Center"):
        return text
    return f"Partner Center failed with HTTP {error.status}: {text}"


def _kind(status: int) -> type[UpstreamError]:
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if 400 <= status < 500:  # noqa: PLR2004 - the classes of RFC 9110
        return BadInput
    return Unavailable if status >= 500 else InvalidAnswer  # noqa: PLR2004 - likewise


def _identifier(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name)
    return printable(value, max_chars=100) if value else None


def _asked_wait_s(headers: Mapping[str, str], now: float) -> float | None:
    for name in _MILLISECONDS:
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value):
            return max(0.0, float(value) / 1000)
    return retry_after_s(headers.get("Retry-After", ""), now)


def retry_after_s(value: str, now: float) -> float | None:
    """Read `Retry-After`, seconds or a date in any form; None when it is neither."""
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return max(0.0, float(text))
    date = read_date(text)
    return None if date is None else max(0.0, date.timestamp() - now)
