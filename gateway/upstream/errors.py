"""Errors of upstream calls, and how responses and failed exchanges become errors.

::

    UpstreamError
    ├── UpstreamBadInput    the vendor rejects the input
    ├── Unauthorized        there is no token, or the vendor rejects it
    │   └── NoToken         the gateway itself has no token
    ├── UpstreamForbidden   the token is valid and does not permit the call
    ├── UpstreamNotFound
    ├── Conflict            the current state of the resource does not permit the call
    ├── Throttled           too many calls; `retry_after_s` says when to retry
    ├── TimedOut            no response in time; the request may have been executed
    ├── Unavailable         the vendor cannot be reached, or fails
    │   └── IssuerUnavailable   the issuer of the gateway's tokens cannot be reached
    ├── InvalidResponse     the response cannot be decoded
    └── CallBudgetExceeded  the gateway's own limit: raised before the call that exceeds it
"""

import re
from collections.abc import Mapping
from typing import Final

from gateway.upstream.dates import parse_date
from gateway.upstream.error_body import parse_error_body, sanitize
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    IncompleteResponse,
    ResponseTimeout,
    TransportError,
    UpstreamResponse,
)
from schema import errors


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
    hit_deadline: bool = False

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
    def public_message(self) -> str:
        """What the caller of the gateway may be told."""
        return str(self)

    def copy_response_details(self, original: "UpstreamError") -> None:
        """Take over what the vendor said in an answer that led to this error."""
        self.status = original.status
        self.upstream_code = original.upstream_code
        self.request_id = original.request_id
        self.correlation_id = original.correlation_id


class UpstreamBadInput(UpstreamError, errors.InvalidInput):
    """What was asked is not accepted: an identifier, a value or a combination of them."""


class Unauthorized(UpstreamError):
    """There is no token, or the vendor does not accept it."""


class NoToken(Unauthorized):
    """This gateway itself has no token; the message names its settings and is for its operator."""

    @property
    def public_message(self) -> str:
        """Tell the caller no more than whom to ask."""
        return (
            "This gateway has no valid Partner Center token. Its operator finds the reason in the"
            " log, by the correlation id."
        )


class UpstreamForbidden(UpstreamError, errors.Forbidden):
    """The token is good and does not permit this."""


class UpstreamNotFound(UpstreamError, errors.NotFound):
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
    def for_delay(cls, message: str, retry_after_s: float) -> "Throttled":
        """Build one for a wait of ours, before any answer."""
        error = cls(message)
        error.retry_after_s = retry_after_s
        return error


class TimedOut(UpstreamError):
    """There is no answer, or none in time; what was sent may have been done."""

    @property
    def public_message(self) -> str:
        """Say that the vendor failed."""
        return _attribute_to_vendor(self)


class Unavailable(UpstreamError):
    """The vendor cannot be reached, or answers with a failure of its own."""

    @property
    def public_message(self) -> str:
        """Say that the vendor failed."""
        return _attribute_to_vendor(self)


class IssuerUnavailable(Unavailable):
    """Whoever issues this gateway's tokens cannot be reached; the message is for its operator."""

    @property
    def public_message(self) -> str:
        """Tell the caller no more than that it may pass."""
        return (
            "Microsoft's identity platform, which issues this gateway's Partner Center tokens,"
            " cannot be reached or fails; ask again in a moment."
        )


class InvalidResponse(UpstreamError):
    """The answer cannot be read: cut, too long, or not what the contract says."""


class CallBudgetExceeded(UpstreamError, errors.LimitExceeded):
    """The request has used up the upstream calls it may make; nothing was sent."""

    rule = "upstream_calls"


_BY_STATUS: Final[dict[int, type[UpstreamError]]] = {
    401: Unauthorized,
    403: UpstreamForbidden,
    404: UpstreamNotFound,
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
_MILLISECOND_HEADERS: Final = ("retry-after-ms", "x-ms-retry-after-ms")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")


def error_from_response(
    response: UpstreamResponse, now: float, max_retry_after_s: float = MAX_RETRY_AFTER_S
) -> UpstreamError:
    """Translate an answer that is not a success (CONTRACT 8.1, 8.2).

    Args:
        response: any answer whose status is not 2xx.
        now: seconds since the epoch, for a `Retry-After` that names a date.
        max_retry_after_s: whatever it asks for, no longer wait is taken over.
    """
    body = parse_error_body(response)
    error_class = _BY_STATUS_AND_CODE.get((response.status, body.code or "")) or _error_class(
        response.status
    )
    error = error_class(
        body.description,
        status=response.status,
        upstream_code=body.code,
        request_id=_response_id(response, "MS-RequestId"),
        correlation_id=_response_id(response, "MS-CorrelationId"),
    )
    delay_s = _requested_delay_s(response.headers, now)
    if delay_s is None and isinstance(error, Throttled):
        delay_s = _DEFAULT_RETRY_AFTER_S
    if delay_s is not None:
        error.retry_after_s = min(delay_s, max_retry_after_s)
    return error


def error_from_transport(failure: TransportError) -> UpstreamError:
    """Translate an exchange without a complete answer."""
    if isinstance(failure, ConnectFailed):
        return Unavailable(f"Partner Center cannot be reached: {failure}")
    if isinstance(failure, ResponseTimeout):
        return TimedOut(f"Partner Center did not answer in time: {failure}")
    if isinstance(failure, ConnectionLost) and not isinstance(failure, IncompleteResponse):
        return TimedOut(f"Partner Center did not answer: {failure}")
    return InvalidResponse(f"Partner Center's answer cannot be read: {failure}")


def _attribute_to_vendor(error: UpstreamError) -> str:
    """Introduce what the vendor said of its own failure, which could be read as the gateway's."""
    text = str(error)
    if error.status is None or text.startswith("Partner Center"):
        return text
    return f"Partner Center failed with HTTP {error.status}: {text}"


def _error_class(status: int) -> type[UpstreamError]:
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    if 400 <= status < 500:  # noqa: PLR2004 - the classes of RFC 9110
        return UpstreamBadInput
    return Unavailable if status >= 500 else InvalidResponse  # noqa: PLR2004 - likewise


def _response_id(response: UpstreamResponse, name: str) -> str | None:
    value = response.headers.get(name)
    return sanitize(value, max_chars=100) if value else None


def _requested_delay_s(headers: Mapping[str, str], now: float) -> float | None:
    for name in _MILLISECOND_HEADERS:
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value):
            return max(0.0, float(value) / 1000)
    return parse_retry_after(headers.get("Retry-After", ""), now)


def parse_retry_after(value: str, now: float) -> float | None:
    """Read `Retry-After`, seconds or a date in any form; None when it is neither."""
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return max(0.0, float(text))
    date = parse_date(text)
    return None if date is None else max(0.0, date.timestamp() - now)
