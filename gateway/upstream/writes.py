"""Sends a write once: `acquire_slot` waits until it can be sent at once, `WriteSlot` sends it.

Between the two, the caller can record that it is about to send.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.upstream.call import Call
from gateway.upstream.errors import Throttled, TimedOut, Unauthorized, UpstreamError
from gateway.upstream.request_sender import RequestSender
from gateway.upstream.retry_policy import is_unrecoverable_token
from gateway.upstream.scheduler import AttemptSlot
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import TransportError
from gateway.upstream.write_outcome import (
    NeverSent,
    Rejected,
    WriteOutcome,
    outcome_from_failure,
    outcome_from_response,
)

_DEADLINE_HIT: Final = "No slot for this write was free before its deadline."
_SLOT_EXPIRED: Final = "The slot of this write expired before it was sent."


async def acquire_slot(
    sender: RequestSender, call: Call, scope: RequestScope, request_id: str
) -> "WriteSlot | NeverSent":
    """Wait for the right to send a write now, and for a token. Charges the call to its request.

    Returns errors as `NeverSent`; raises no UpstreamError.
    """
    try:
        scope.budget.spend()
        queue_timeout_at = sender.clock.monotonic() + sender.limits.write_queue_timeout_s
        # Operations report that they wait, so they do not wait here for long.
        must_open_by = min(scope.deadline, queue_timeout_at)
        scheduler = sender.scheduler
        free_slot = scheduler.try_acquire(call, scope)
        with contextlib.ExitStack() as held:
            slot = held.enter_context(
                free_slot or await scheduler.acquire(call, scope, must_open_by)
            )
            token = await sender.tokens.get(scope)
            if sender.remaining_s(scope) <= 0:
                raise TimeoutError
            return WriteSlot(sender, call, scope, request_id, token, slot, held.pop_all())
    except TimeoutError:
        return NeverSent(TimedOut(_DEADLINE_HIT))
    except UpstreamError as error:
        return NeverSent(error)


@dataclass(slots=True, eq=False)
class WriteSlot:
    """The right to send one write now, and the token to send it with.

    It ends when the write is sent or released, and after `write_hold_s`: storing that an attempt
    will be made may take long, and must not prevent other calls.

    Attributes:
        held: closing it frees the slot.
    """

    sender: RequestSender
    call: Call
    scope: RequestScope
    request_id: str
    token: str
    slot: AttemptSlot
    held: contextlib.ExitStack
    _is_released: bool = False
    _expiry: asyncio.TimerHandle = field(init=False)

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(self.sender.limits.write_hold_s, self.release)

    def release(self) -> None:
        """Give up the right to send the write. Idempotent."""
        self._is_released = True
        self._expiry.cancel()
        self.held.close()

    async def send(self) -> WriteOutcome:
        """Send the write once and return its outcome. Raises no UpstreamError."""
        if self._is_released:
            return NeverSent(TimedOut(_SLOT_EXPIRED))
        self._expiry.cancel()
        try:
            if self.sender.remaining_s(self.scope) <= 0:
                return NeverSent(TimedOut(_DEADLINE_HIT))
            return await self._send()
        finally:
            self.release()

    async def _send(self) -> WriteOutcome:
        sender, scope, limits = self.sender, self.scope, self.sender.limits
        try:
            timeout_s = min(sender.remaining_s(scope), limits.write_timeout_s)
            response = await sender.send(self.call, scope, self.request_id, self.token, timeout_s)
        except TransportError as failure:
            self.slot.note_outcome(failure)
            return outcome_from_failure(failure)
        self.slot.note_outcome(response)
        outcome = outcome_from_response(response, sender.clock.wall(), limits.max_retry_after_s)
        if isinstance(outcome, Rejected):
            if isinstance(outcome.error, Throttled):
                self.slot.retry_after_s = outcome.error.retry_after_s
                return outcome
            if isinstance(outcome.error, Unauthorized):
                outcome = await self._replace_token(outcome)
        self.slot.is_accepted = True
        return outcome

    async def _replace_token(self, outcome: Rejected) -> Rejected:
        """Replace a rejected token, so that the next attempt has another."""
        if is_unrecoverable_token(outcome.error):
            return outcome
        try:
            fresh = await self.sender.tokens.get(self.scope, rejected=self.token)
        except UpstreamError:
            return outcome
        return replace(outcome, has_fresh_token=fresh != self.token)
