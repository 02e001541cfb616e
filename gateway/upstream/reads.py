"""The rules of one read: waits for a slot, sends, retries, decodes.

Most reads need only one attempt, which `burst.py` sends. All others are continued here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

import msgspec

from gateway.upstream.call import Call
from gateway.upstream.decoding import UnexpectedErrorBody
from gateway.upstream.error_body import sanitize
from gateway.upstream.errors import (
    CircuitOpen,
    InvalidResponse,
    NoToken,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
    error_from_response,
    error_from_transport,
    response_id,
)
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.retry_policy import Attempt, Stop, decide
from gateway.upstream.scheduler import AttemptSlot
from gateway.upstream.scope import RequestScope
from gateway.upstream.seek_pages import PageDecoder
from gateway.upstream.transport.base import TransportError, UpstreamResponse

T = TypeVar("T")
AttemptResult = tuple[str | None, UpstreamResponse | UpstreamError | TransportError]
"""The token that was used, and the result."""


@dataclass(frozen=True, slots=True)
class _RejectedToken:
    """A token that the vendor has just rejected, and its error."""

    token: str | None
    error: UpstreamError


async def execute_read(
    sender: RequestSender,
    call: Call,
    scope: RequestScope,
    request_id: str,
    first: AttemptResult | None = None,
    held_slot: AttemptSlot | None = None,
) -> UpstreamResponse:
    """Return a successful response, after as many attempts as the rules allow.

    Args:
        sender: sends the attempts.
        call: a call to a safe endpoint.
        scope: its deadline may be extended while the read is executed.
        request_id: the request id of all attempts.
        first: the result of the first attempt, if it was sent already.
        held_slot: the slot for the first attempt, if there is one already.

    Raises:
        UpstreamError: the error of the last attempt.
        TimeoutError: the deadline passed while an attempt waited for a slot or a token.
    """
    token, outcome = first or await _attempt(sender, call, scope, request_id, held_slot=held_slot)
    if isinstance(outcome, UpstreamResponse):
        return outcome
    return await _retry(sender, call, scope, request_id, token, outcome)


async def _retry(
    sender: RequestSender,
    call: Call,
    scope: RequestScope,
    request_id: str,
    token: str | None,
    first_failure: UpstreamError | TransportError,
) -> UpstreamResponse:
    """Retry, under the same request id, until there is a success or `decide` stops."""
    outcome: UpstreamResponse | UpstreamError | TransportError = first_failure
    attempt = Attempt(1, sender.limits.max_attempts)
    while not isinstance(outcome, UpstreamResponse):
        error = error_from_transport(outcome) if isinstance(outcome, TransportError) else outcome
        step = decide(attempt, outcome, sender.remaining_s(scope), sender.jitter())
        if isinstance(step, Stop):
            raise _final_error(error, step, scope)
        if not scope.budget.try_spend():
            raise error
        await sender.clock.sleep(step.delay_s)
        rejected = _RejectedToken(token, error) if step.refresh_token else None
        is_refreshed = attempt.token_refreshed or step.refresh_token
        attempt = replace(attempt, number=attempt.number + 1, token_refreshed=is_refreshed)
        token, outcome = await _attempt(sender, call, scope, request_id, rejected)
    return outcome


async def _attempt(
    sender: RequestSender,
    call: Call,
    scope: RequestScope,
    request_id: str,
    rejected: _RejectedToken | None = None,
    held_slot: AttemptSlot | None = None,
) -> AttemptResult:
    """Send one attempt when there is a slot."""
    free_slot = held_slot or sender.scheduler.try_acquire(call, scope)
    with free_slot or await sender.scheduler.acquire(call, scope, scope.deadline) as slot:
        token = None if rejected else sender.tokens.cached(scope)
        try:
            token = token or await _get_token(sender, scope, rejected)
        except (TimedOut, Unavailable) as temporary_error:
            return None, temporary_error
        # Not bounded by the deadline: requests with a later one may have joined this read.
        timeout_s = sender.limits.attempt_timeout_s
        try:
            response = await sender.send(call, scope, request_id, token, timeout_s)
        except TransportError as failure:
            slot.note_outcome(failure)
            return token, failure
        if response.is_success:
            slot.is_accepted = True
            return token, response
        return token, reject(sender, call, slot, response)


def reject(
    sender: RequestSender, call: Call, slot: AttemptSlot, response: UpstreamResponse
) -> UpstreamError:
    """Return the error of an unsuccessful response. Also tells the slot whether it was a 429."""
    error = error_from_response(
        response,
        sender.clock.wall(),
        sender.limits.max_retry_after_s,
        call.endpoint.not_found_codes,
    )
    slot.retry_after_s = error.retry_after_s if isinstance(error, Throttled) else None
    slot.note_outcome(response)
    slot.is_accepted = slot.retry_after_s is None
    return error


async def _get_token(
    sender: RequestSender, scope: RequestScope, rejected: _RejectedToken | None
) -> str:
    try:
        async with asyncio.timeout(sender.remaining_s(scope)):
            return await sender.tokens.get(scope, rejected=rejected.token if rejected else None)
    except Unauthorized as no_other_token:
        if rejected is not None:
            no_other_token.copy_response_details(rejected.error)
        raise


def deadline_exceeded(scope: RequestScope) -> TimedOut:
    error = TimedOut(
        "Partner Center did not respond before the deadline of this request.",
        correlation_id=scope.correlation_id,
    )
    error.hit_deadline = True
    return error


def _final_error(error: UpstreamError, step: Stop, scope: RequestScope) -> UpstreamError:
    """Return the error to raise: a timeout means the request's deadline, not the vendor's fault."""
    if step.hit_deadline and isinstance(error, TimedOut) and error.status is None:
        return deadline_exceeded(scope)
    error.hit_deadline = step.hit_deadline
    return error


def add_ids(error: UpstreamError, request_id: str, scope: RequestScope) -> None:
    """Add the request's ids to an error, because the vendor's support needs them."""
    if _may_have_been_sent(error):
        error.request_id = error.request_id or request_id
    error.correlation_id = error.correlation_id or scope.correlation_id


def _may_have_been_sent(error: UpstreamError) -> bool:
    is_our_throttling = isinstance(error, Throttled) and error.status is None
    return not (is_our_throttling or isinstance(error, NoToken | CircuitOpen))


def decode_response(call: Call, response: UpstreamResponse, decode: Callable[[bytes], T]) -> T:
    try:
        if isinstance(decode, PageDecoder):
            return cast("T", decode.decode_response(response))
        return decode(response.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidResponse(
            f"Partner Center's response to {call.endpoint.name} cannot be decoded:"
            f" {sanitize(str(error), max_chars=200)}",
            status=response.status,
            upstream_code=error.code if isinstance(error, UnexpectedErrorBody) else None,
            request_id=response_id(response, "MS-RequestId"),
            correlation_id=response_id(response, "MS-CorrelationId"),
        ) from error
