"""One read on its own: sent at its turn, sent again as `retry.py` decides, and decoded."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from gateway.upstream.call import Call
from gateway.upstream.errors import (
    InvalidAnswer,
    NoToken,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
    failure,
    refusal,
)
from gateway.upstream.faults import printable
from gateway.upstream.line import Line
from gateway.upstream.reading import FaultBody
from gateway.upstream.retry import Attempt, GiveUp, next_step
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport import Answer, TransportFailure

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Refused:
    """A token that the vendor has just refused, and how."""

    token: str | None
    error: UpstreamError


async def fetch(line: Line, call: Call, scope: RequestScope, decode: Callable[[bytes], T]) -> T:
    """Answer with the decoded body, whatever number of sends it takes.

    Raises:
        UpstreamError: no usable answer; carries the ids that the vendor's support asks for.
        TimeoutError: the deadline passed while a send waited for its turn or its token.
    """
    request_id = line.new_id()
    try:
        token, outcome = await _attempt(line, call, scope, request_id, None)
        if not isinstance(outcome, Answer):
            outcome = await _sent_again(line, call, scope, request_id, token, outcome)
        return _decoded(call, outcome, decode)
    except UpstreamError as error:
        if _may_have_been_sent(error):
            error.request_id = error.request_id or request_id
        error.correlation_id = error.correlation_id or scope.correlation_id
        raise


async def _sent_again(
    line: Line,
    call: Call,
    scope: RequestScope,
    request_id: str,
    token: str | None,
    failed: UpstreamError | TransportFailure,
) -> Answer:
    """Send again until there is a success, under one request id, or `next_step` gives up."""
    outcome: Answer | UpstreamError | TransportFailure = failed
    attempt = Attempt(1, line.pressure.max_attempts)
    while not isinstance(outcome, Answer):
        error = failure(outcome) if isinstance(outcome, TransportFailure) else outcome
        step = next_step(attempt, outcome, line.remaining_s(scope), line.jitter())
        if isinstance(step, GiveUp):
            raise _given_up(error, step, scope)
        if not scope.budget.take():
            raise error
        await line.clock.sleep(step.seconds)
        refused = _Refused(token, error) if step.refresh_token else None
        is_refreshed = attempt.token_refreshed or step.refresh_token
        attempt = replace(attempt, number=attempt.number + 1, token_refreshed=is_refreshed)
        token, outcome = await _attempt(line, call, scope, request_id, refused)
    return outcome


async def _attempt(
    line: Line, call: Call, scope: RequestScope, request_id: str, refused: _Refused | None
) -> tuple[str | None, Answer | UpstreamError | TransportFailure]:
    """Send once when it is this call's turn; returns the token used and what came of it."""
    at_once = line.admission.at_once(call, scope)
    with at_once or await line.admission.turn(call, scope, scope.deadline) as turn:
        token = None if refused else line.tokens.at_hand(scope)
        try:
            token = token or await _token(line, scope, refused)
        except (TimedOut, Unavailable) as passing:
            return None, passing
        # Not bounded by the deadline: whoever has no more time leaves, and others may join.
        timeout_s = line.pressure.attempt_timeout_s
        try:
            answer = await line.send(call, scope, request_id, token, timeout_s)
        except TransportFailure as lost:
            return token, lost
        if answer.is_success:
            turn.is_accepted = True
            return token, answer
        error = refusal(answer, line.clock.wall(), line.pressure.max_retry_after_s)
        turn.retry_after_s = error.retry_after_s if isinstance(error, Throttled) else None
        turn.is_accepted = turn.retry_after_s is None
        return token, error


async def _token(line: Line, scope: RequestScope, refused: _Refused | None) -> str:
    try:
        async with asyncio.timeout(line.remaining_s(scope)):
            return await line.tokens.bearer(scope, refused=refused.token if refused else None)
    except Unauthorized as no_other:
        if refused is not None:
            no_other.quote(refused.error)
        raise


def late(scope: RequestScope) -> TimedOut:
    """Make the error of a read whose request's own time has run out."""
    late = TimedOut(
        "Partner Center did not answer before the deadline of this request",
        correlation_id=scope.correlation_id,
    )
    late.ran_out_of_time = True
    return late


def _given_up(error: UpstreamError, step: GiveUp, scope: RequestScope) -> UpstreamError:
    """Say of a silence that the request's time ended it, not the vendor."""
    if step.for_lack_of_time and isinstance(error, TimedOut) and error.status is None:
        return late(scope)
    error.ran_out_of_time = step.for_lack_of_time
    return error


def _may_have_been_sent(error: UpstreamError) -> bool:
    is_our_throttling = isinstance(error, Throttled) and error.status is None
    return not (is_our_throttling or isinstance(error, NoToken))


def _decoded(call: Call, answer: Answer, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(answer.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidAnswer(
            f"Partner Center's answer to {call.endpoint.name} cannot be read:"
            f" {printable(str(error), max_chars=200)}",
            status=answer.status,
            upstream_code=error.code if isinstance(error, FaultBody) else None,
            request_id=answer.headers.get("MS-RequestId"),
            correlation_id=answer.headers.get("MS-CorrelationId"),
        ) from error
