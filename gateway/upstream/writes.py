"""One write: sent at its turn, once; how far it got is the answer."""

from dataclasses import replace

from gateway.upstream.call import Call
from gateway.upstream.errors import Throttled, TimedOut, Unauthorized, UpstreamError
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.retry_policy import is_unrecoverable_token
from gateway.upstream.scheduler import Slot
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import TransportError
from gateway.upstream.write_outcome import (
    NeverSent,
    Rejected,
    WriteOutcome,
    outcome_from_failure,
    outcome_from_response,
)


async def send_write(
    sender: RequestSender, call: Call, scope: RequestScope, request_id: str
) -> WriteOutcome:
    """Charge the write to its request, wait for its turn and send it; raises nothing but bugs."""
    try:
        scope.budget.spend()
        queue_timeout_at = sender.clock.monotonic() + sender.limits.write_queue_timeout_s
        must_open_by = min(
            scope.deadline, queue_timeout_at
        )  # whoever sends a write says that it waits
        free_slot = sender.scheduler.try_acquire(call, scope)
        with free_slot or await sender.scheduler.acquire(call, scope, must_open_by) as slot:
            token = await sender.tokens.get(scope)
            if sender.remaining_s(scope) <= 0:
                raise TimeoutError
            return await _send(sender, call, scope, request_id, token, slot)
    except TimeoutError:
        return NeverSent(TimedOut("the turn of this write came after its deadline"))
    except UpstreamError as error:
        return NeverSent(error)


async def _send(
    sender: RequestSender, call: Call, scope: RequestScope, request_id: str, token: str, slot: Slot
) -> WriteOutcome:
    """Send with everything in hand; from here on nothing may be raised but cancellation."""
    try:
        timeout_s = min(sender.remaining_s(scope), sender.limits.write_timeout_s)
        response = await sender.send(call, scope, request_id, token, timeout_s)
    except TransportError as lost:
        return outcome_from_failure(lost)
    outcome = outcome_from_response(response, sender.clock.wall(), sender.limits.max_retry_after_s)
    if isinstance(outcome, Rejected):
        if isinstance(outcome.error, Throttled):
            slot.retry_after_s = outcome.error.retry_after_s
            return outcome
        if isinstance(outcome.error, Unauthorized):
            outcome = await _replace_token(sender, outcome, scope, token)
    slot.is_accepted = True
    return outcome


async def _replace_token(
    sender: RequestSender, outcome: Rejected, scope: RequestScope, rejected_token: str
) -> Rejected:
    """Have a refused token replaced, so that the next attempt carries another."""
    if is_unrecoverable_token(outcome.error):
        return outcome
    try:
        fresh = await sender.tokens.get(scope, rejected=rejected_token)
    except UpstreamError:
        return outcome
    return replace(outcome, has_fresh_token=fresh != rejected_token)
