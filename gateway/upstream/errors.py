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
    │   ├── IssuerUnavailable   the issuer of the gateway's tokens cannot be reached
    │   └── CircuitOpen         not sent, because the vendor failed the last calls
    ├── InvalidResponse     the response cannot be decoded
    └── CallBudgetExceeded  the gateway's own limit: raised before the call that exceeds it
"""

import re
from collections.abc import Container, Mapping
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
    """A call failed. The message is for people and contains no secrets.

    Attributes:
        status: the HTTP status of the response, if there was one.
        upstream_code: the vendor's error code, converted to text.
        request_id: `MS-RequestId` of the call.
        correlation_id: `MS-CorrelationId` of the call. The vendor's support needs it.
        retry_after_s: the delay before a retry that the vendor requests, if any.
        hit_deadline: whether the call might have succeeded with a later deadline.
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
        """The text that callers of the gateway may see."""
        return str(self)

    def copy_response_details(self, original: "UpstreamError") -> None:
        """Copy status, code and ids from the error that caused this one."""
        self.status = original.status
        self.upstream_code = original.upstream_code
        self.request_id = original.request_id
        self.correlation_id = original.correlation_id


class UpstreamBadInput(UpstreamError, errors.InvalidInput):
    """The vendor rejects an identifier, a value, or a combination of values."""


class Unauthorized(UpstreamError):
    """There is no token, or the vendor rejects it."""


class NoToken(Unauthorized):
    """The gateway itself has no token. The message names settings and is for the operator."""

    @property
    def public_message(self) -> str:
        return (
            "The gateway has no valid Partner Center token. Its operator can find the reason in the"
            " log by the correlation id."
        )


class UpstreamForbidden(UpstreamError, errors.Forbidden):
    """The token is valid but does not permit the call."""


class UpstreamNotFound(UpstreamError, errors.NotFound):
    """The resource does not exist, or does not belong to this partner."""


class Conflict(UpstreamError):
    """The current state of the resource does not permit the call."""


class Throttled(UpstreamError):
    """The vendor or the gateway rejects the call, because there were too many.

    Attributes:
        retry_after_s: the delay after which a call with the same rate limit may succeed.
    """

    retry_after_s: float = 0.0

    @classmethod
    def for_delay(cls, message: str, retry_after_s: float) -> "Throttled":
        """Create the error for a delay that is known in advance, without a response."""
        error = cls(message)
        error.retry_after_s = retry_after_s
        return error


class TimedOut(UpstreamError):
    """There was no response in time. The request may have been executed."""

    @property
    def public_message(self) -> str:
        return _attribute_to_vendor(self)


class Unavailable(UpstreamError):
    """The vendor cannot be reached, or its response reports a failure of its own."""

    @property
    def public_message(self) -> str:
        return _attribute_to_vendor(self)


class IssuerUnavailable(Unavailable):
    """The issuer of the gateway's tokens cannot be reached. The message is for the operator."""

    @property
    def public_message(self) -> str:
        return (
            "Microsoft's identity platform, which issues the gateway's Partner Center tokens,"
            " cannot be reached or fails. Retry in a moment."
        )


class CircuitOpen(Unavailable):
    """The call was not sent, because the vendor has failed too many calls of this kind.

    Attributes:
        retry_after_s: the delay after which a call is sent again.
    """

    retry_after_s: float = 0.0


class InvalidResponse(UpstreamError):
    """The response is cut off, too large, or contradicts the vendor's contract."""


class CallBudgetExceeded(UpstreamError, errors.LimitExceeded):
    """The request has used up its budget of upstream calls. This call was not sent."""

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
# CONTRACT 8.3: codes whose meaning differs from that of their status.
_BY_STATUS_AND_CODE: Final[dict[tuple[int, str], type[UpstreamError]]] = {
    (400, "2055"): Conflict,  # a stale ETag, which is 412 elsewhere
    (400, "800082"): Conflict,  # not ready for update; 409 in the newer documents
    (400, "900110"): Conflict,  # the product upgrade is completed already
}
_DEFAULT_RETRY_AFTER_S: Final = 1.0  # for a 429 without `Retry-After`
MAX_RETRY_AFTER_S: Final = 600.0
"""The default of `throttle.max_retry_after_s`."""

# Azure's services also send milliseconds, which are more exact.
_MILLISECOND_HEADERS: Final = ("retry-after-ms", "x-ms-retry-after-ms")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?")


def error_from_response(
    response: UpstreamResponse,
    now: float,
    max_retry_after_s: float = MAX_RETRY_AFTER_S,
    not_found_codes: Container[str] = (),
) -> UpstreamError:
    """Return the error for a response that is not 2xx (CONTRACT 8.1, 8.2).

    Args:
        response: a response whose status is not 2xx.
        now: seconds since the epoch, for a `Retry-After` that is a date.
        max_retry_after_s: the longest `Retry-After` that is followed; longer ones are shortened to
            it.
        not_found_codes: `not_found_codes` of the endpoint.
    """
    body = parse_error_body(response)
    error_class = _BY_STATUS_AND_CODE.get((response.status, body.code or "")) or _error_class(
        response.status
    )
    if error_class is UpstreamBadInput and body.code in not_found_codes:
        error_class = UpstreamNotFound
    error = error_class(
        body.description,
        status=response.status,
        upstream_code=body.code,
        request_id=response_id(response, "MS-RequestId"),
        correlation_id=response_id(response, "MS-CorrelationId"),
    )
    delay_s = _requested_delay_s(response.headers, now)
    if delay_s is None and isinstance(error, Throttled):
        delay_s = _DEFAULT_RETRY_AFTER_S
    if delay_s is not None:
        error.retry_after_s = min(delay_s, max_retry_after_s)
    return error


def error_from_transport(failure: TransportError) -> UpstreamError:
    """Return the error for an exchange without a complete response."""
    if isinstance(failure, ConnectFailed):
        return Unavailable(f"Partner Center cannot be reached: {failure}.")
    if isinstance(failure, ResponseTimeout):
        return TimedOut(f"Partner Center did not respond in time: {failure}.")
    if isinstance(failure, ConnectionLost) and not isinstance(failure, IncompleteResponse):
        return TimedOut(f"Partner Center did not respond: {failure}.")
    return InvalidResponse(f"Partner Center's response cannot be read: {failure}.")


def _attribute_to_vendor(error: UpstreamError) -> str:
    """Say that the failure is the vendor's; its text alone could be taken for the gateway's."""
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


def response_id(response: UpstreamResponse, name: str) -> str | None:
    """Return a tracing id from a header. The catalog sends it twice, separated by a comma (Q44)."""
    value = response.headers.get(name, "").partition(",")[0].strip()
    return sanitize(value, max_chars=100) if value else None


def _requested_delay_s(headers: Mapping[str, str], now: float) -> float | None:
    for name in _MILLISECOND_HEADERS:
        value = headers.get(name, "").strip()
        if _NUMBER.fullmatch(value):
            return max(0.0, float(value) / 1000)
    return parse_retry_after(headers.get("Retry-After", ""), now)


def parse_retry_after(value: str, now: float) -> float | None:
    """Parse `Retry-After` to seconds from seconds or a date; None for anything else."""
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return max(0.0, float(text))
    date = parse_date(text)
    return None if date is None else max(0.0, date.timestamp() - now)
