"""A read in flight, and the promises to all that wait for it. `burst.py` starts it."""

import asyncio
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

from gateway.upstream.call import Call
from gateway.upstream.errors import UpstreamError
from gateway.upstream.rate_limits import RateLimitScope
from gateway.upstream.reads import (
    AttemptResult,
    add_ids,
    deadline_exceeded,
    decode_response,
    execute_read,
    reject,
)
from gateway.upstream.scheduler import AttemptSlot
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import (
    Cancelled,
    Exchange,
    StaleConnection,
    TransportError,
    UpstreamResponse,
)
from resolvers.promise import Promise

if TYPE_CHECKING:
    from gateway.upstream.burst import Burst

T = TypeVar("T")


class ReadPromise(Promise[T]):
    """The value of a read, for one of the requests that wait for it.

    Cancelling the promise cancels the read only if no other request waits.
    """

    __slots__ = ("_read", "burst")

    def __init__(self, burst: "Burst", read: "SharedRead") -> None:
        super().__init__()
        self.burst = burst
        self._read = read

    def cancel(self) -> None:
        self._leave(asyncio.CancelledError())

    def expire(self) -> None:
        """Fail, because the request's deadline has passed."""
        self._leave(deadline_exceeded(self.burst.scope))

    def _leave(self, error: BaseException) -> None:
        if not self.is_settled:
            self.burst.remove(self)
            self._read.leave(self)
            self.reject(error)


class SharedRead:
    """A read in flight, and the promises of the requests that wait for it."""

    __slots__ = (
        "_burst",
        "_deadline",
        "_decode",
        "_exchange",
        "_key",
        "_limit",
        "_promises",
        "_request_id",
        "_scope",
        "_sender",
        "_started_s",
        "_task",
        "_token",
        "call",
    )

    _limit: RateLimitScope
    _started_s: float

    def __init__(
        self, burst: "Burst", key: Hashable, call: Call, decode: Callable[[bytes], Any]
    ) -> None:
        self.call = call
        self._burst = burst
        self._sender = burst.bursts.sender
        self._key = key
        self._decode = decode
        self._deadline = burst.scope.deadline  # the latest of all that wait
        self._promises: list[ReadPromise[Any]] = []
        self._request_id = self._sender.new_request_id()
        self._token: str | None = None
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._scope: RequestScope | None = None

    def join(self, promise: ReadPromise[Any], deadline: float) -> None:
        self._promises.append(promise)
        if deadline > self._deadline:
            self._deadline = deadline
            if self._scope is not None:
                self._scope.extend_deadline(deadline)

    def leave(self, promise: ReadPromise[Any]) -> None:
        """Remove a promise. If it was the last one, cancel the read."""
        if promise in self._promises:  # else the read has ended
            self._promises.remove(promise)
            if not self._promises:
                self.abandon()

    def abandon(self) -> None:
        """Cancel the read, because no request waits for it."""
        self._finish()
        if self._exchange is not None:
            self._exchange.cancel()
        elif self._task is not None:
            cancelled = self._burst.bursts.cancelled
            self._task.cancel()
            cancelled.add(self._task)
            self._task.add_done_callback(cancelled.discard)

    def send(self, key: RateLimitScope) -> bool:
        """Send the first attempt. Returns False if no request waits any more."""
        if not self._promises:
            return False
        self._limit = key
        prepared = self._burst.prepare(self.call)
        if prepared is not None:
            self._token = self._burst.token
            get_sender, headers = prepared
            self._started_s = self._sender.clock.monotonic()
            self._exchange = get_sender.send(
                self.call.url_path,
                f"{headers}MS-RequestId: {self._request_id}\r\n",
                self._sender.limits.attempt_timeout_s,
                self.end,
            )
        if self._exchange is None:
            self._continue(None, self._hold_slot())
        return True

    def wait_alone(self) -> None:
        """Wait for the rate limit in a separate task, and then execute the read."""
        if self._promises:
            self._continue(None, None)

    def end(self, outcome: UpstreamResponse | TransportError) -> None:
        """Continue with the result of the first attempt: decode it, retry or fail."""
        self._exchange = None
        if not isinstance(outcome, StaleConnection):
            self._sender.observe(
                self.call, self._started_s, outcome, self._burst.scope, self._request_id
            )
        if isinstance(outcome, UpstreamResponse) and outcome.is_success:
            self._sender.scheduler.release(self._limit, is_accepted=True)
            self._resolve(outcome)
            return
        slot = self._hold_slot()
        if isinstance(outcome, UpstreamResponse):
            error = reject(self._sender, self.call, slot, outcome)
            slot.release()
            self._continue((self._token, error), None)
        elif isinstance(outcome, StaleConnection):
            self._continue(None, slot)  # sends the same attempt again
        else:
            slot.note_outcome(outcome)
            slot.release()
            if not isinstance(outcome, Cancelled):
                self._continue((self._token, outcome), None)

    def _hold_slot(self) -> AttemptSlot:
        return AttemptSlot(self._sender.scheduler, self._limit)

    def _continue(self, first: AttemptResult | None, slot: AttemptSlot | None) -> None:
        """Continue in a task, by the rules for single reads."""
        self._scope = self._burst.scope.for_shared_read()
        self._scope.extend_deadline(self._deadline)
        self._task = asyncio.create_task(self._execute(self._scope, first, slot))
        if slot is not None:  # the task may be cancelled before it runs
            self._task.add_done_callback(lambda task: slot.release())

    async def _execute(
        self, scope: RequestScope, first: AttemptResult | None, slot: AttemptSlot | None
    ) -> None:
        sender, deadline = self._sender, scope.deadline
        try:
            response = await execute_read(sender, self.call, scope, self._request_id, first, slot)
        except TimeoutError:
            # There was no slot or no token in time. A request may have joined that waits longer.
            if scope.deadline > deadline:
                self._continue(None, None)
            else:
                for promise in self._finish():
                    promise.expire()
        except Exception as error:  # noqa: BLE001 - raised by those who wait
            self.fail(error)
        else:
            self._resolve(response)

    def _resolve(self, response: UpstreamResponse) -> None:
        try:
            value = decode_response(self.call, response, self._decode)
        except Exception as error:  # noqa: BLE001 - raised by those who wait
            self.fail(error)
            return
        for promise in self._finish():
            promise.burst.remove(promise)
            promise.resolve(value)

    def fail(self, error: Exception) -> None:
        """Fail all promises with an error."""
        if isinstance(error, UpstreamError):
            add_ids(error, self._request_id, self._burst.scope)
        for promise in self._finish():
            promise.burst.remove(promise)
            promise.reject(error)

    def _finish(self) -> list[ReadPromise[Any]]:
        """Return the promises to settle; the read is not joined any more."""
        in_flight = self._burst.bursts.in_flight
        if in_flight.get(self._key) is self:
            del in_flight[self._key]
        promises, self._promises = self._promises, []
        return promises
