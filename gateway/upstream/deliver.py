"""One write: sent at its turn, once; how far it got is the answer."""

from dataclasses import replace

from gateway.upstream.admission import Turn
from gateway.upstream.call import Call
from gateway.upstream.errors import Throttled, TimedOut, Unauthorized, UpstreamError
from gateway.upstream.line import Line
from gateway.upstream.retry import is_hopeless_token
from gateway.upstream.scope import RequestScope
from gateway.upstream.sending import (
    NeverSent,
    Outcome,
    Refused,
    outcome_of_answer,
    outcome_of_failure,
)
from gateway.upstream.transport import TransportFailure


async def deliver(line: Line, call: Call, scope: RequestScope, request_id: str) -> Outcome:
    """Charge the write to its request, wait for its turn and send it; raises nothing but bugs."""
    try:
        scope.budget.spend()
        soon = line.clock.monotonic() + line.pressure.write_patience_s
        opens_by = min(scope.deadline, soon)  # whoever sends a write says that it waits
        at_once = line.admission.at_once(call, scope)
        with at_once or await line.admission.turn(call, scope, opens_by) as turn:
            token = await line.tokens.bearer(scope)
            if line.remaining_s(scope) <= 0:
                raise TimeoutError
            return await _sent(line, call, scope, request_id, token, turn)
    except TimeoutError:
        return NeverSent(TimedOut("the turn of this write came after its deadline"))
    except UpstreamError as error:
        return NeverSent(error)


async def _sent(
    line: Line, call: Call, scope: RequestScope, request_id: str, token: str, turn: Turn
) -> Outcome:
    """Send with everything in hand; from here on nothing may be raised but cancellation."""
    try:
        timeout_s = min(line.remaining_s(scope), line.pressure.write_timeout_s)
        answer = await line.send(call, scope, request_id, token, timeout_s)
    except TransportFailure as lost:
        return outcome_of_failure(lost)
    outcome = outcome_of_answer(answer, line.clock.wall(), line.pressure.max_retry_after_s)
    if isinstance(outcome, Refused):
        if isinstance(outcome.error, Throttled):
            turn.retry_after_s = outcome.error.retry_after_s
            return outcome
        if isinstance(outcome.error, Unauthorized):
            outcome = await _with_fresh_token(line, outcome, scope, token)
    turn.is_accepted = True
    return outcome


async def _with_fresh_token(
    line: Line, outcome: Refused, scope: RequestScope, refused: str
) -> Refused:
    """Have a refused token replaced, so that the next attempt carries another."""
    if is_hopeless_token(outcome.error):
        return outcome
    try:
        fresh = await line.tokens.bearer(scope, refused=refused)
    except UpstreamError:
        return outcome
    return replace(outcome, has_fresh_token=fresh != refused)
