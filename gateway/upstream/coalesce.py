"""Coalesces identical reads in flight."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from gateway.clock import Clock
from gateway.upstream.errors import Unavailable, UpstreamError
from gateway.upstream.shared_timeouts import SharedTimeouts

T = TypeVar("T")


class _WaiterTimedOut(TimeoutError):
    """A waiter's own deadline passed; others may still wait."""


class _SharedRead:
    """A read in a task of its own, and those who wait for it.

    Attributes:
        initial_deadline: the deadline of the request that started the read.
        deadline: the latest deadline of all that wait.
    """

    __slots__ = ("_extend", "deadline", "initial_deadline", "task", "waiters")

    def __init__(self, deadline: float, extend: Callable[[float], None] | None) -> None:
        self.initial_deadline = self.deadline = deadline
        self._extend = extend
        self.waiters: set[asyncio.Future[Any]] = set()
        self.task: asyncio.Task[None]

    def extend_deadline(self, deadline: float) -> None:
        """Extend the read's deadline if `deadline` is later."""
        if self._extend is not None and deadline > self.deadline:
            self.deadline = deadline
            self._extend(deadline)

    def is_worth_repeating(self, error: UpstreamError | TimeoutError, deadline: float) -> bool:
        """Whether the read might succeed with the later `deadline`."""
        if isinstance(error, UpstreamError):
            return error.hit_deadline and deadline > self.deadline
        # The read timed out waiting for a slot or a token; its waiter did not.
        return not isinstance(error, _WaiterTimedOut) and deadline > self.initial_deadline

    def set_result(self, value: object) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(value)

    def set_exception(self, error: BaseException) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(error)


class Coalescer:
    """Shares the value or the error of a read with all that request it while it is in flight.

    No request owns a read: it continues when the request that started it leaves. It is cancelled
    when
    nobody waits any more.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._in_flight: dict[Hashable, _SharedRead] = {}
        self._cancelled: set[asyncio.Task[None]] = set()  # cancelled tasks that have not ended yet
        self._timeouts = SharedTimeouts()

    async def share(
        self,
        key: Hashable,
        deadline: float,
        fetch: Callable[[], Coroutine[Any, Any, T]],
        extend: Callable[[float], None] | None = None,
    ) -> T:
        """Join the read of `key` in flight, or start it with `fetch`.

        All errors are shared, except those for lack of time: if each waiter repeated the read, one
        failure
        would become many.

        Args:
            key: equal for reads that may be shared.
            deadline: when this caller stops waiting, in seconds of the monotonic clock.
            fetch: executes the read, within `deadline` and what `extend` adds.
            extend: called with the later deadline of a caller that joins.

        Raises:
            TimeoutError: the deadline passed.
        """
        while True:
            shared = self._in_flight.get(key)
            if shared is None:
                shared = self._start(key, _SharedRead(deadline, extend), fetch)
            else:
                shared.extend_deadline(deadline)
            try:
                value: T = await self._wait(key, shared, deadline)
            except (UpstreamError, TimeoutError) as error:
                if not shared.is_worth_repeating(error, deadline):
                    raise
            else:
                return value

    async def aclose(self) -> None:
        """Cancel all reads in flight and wait until they have ended."""
        for key, shared in list(self._in_flight.items()):
            shared.set_exception(Unavailable("The gateway is stopping. Retry in a moment."))
            self._cancel(key, shared)
        await asyncio.gather(*self._cancelled, return_exceptions=True)

    def _start(
        self, key: Hashable, shared: _SharedRead, fetch: Callable[[], Coroutine[Any, Any, Any]]
    ) -> _SharedRead:
        self._in_flight[key] = shared
        shared.task = asyncio.create_task(self._run(key, shared, fetch))
        return shared

    async def _run(
        self, key: Hashable, shared: _SharedRead, fetch: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        try:
            value = await fetch()
        except Exception as error:  # noqa: BLE001 - raised by those who wait
            shared.set_exception(error)
        else:
            shared.set_result(value)
        finally:
            self._remove(key, shared)

    async def _wait(self, key: Hashable, shared: _SharedRead, deadline: float) -> Any:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        shared.waiters.add(waiter)
        expires_at = loop.time() + deadline - self._clock.monotonic()
        self._timeouts.add(waiter, expires_at, _WaiterTimedOut)
        try:
            return await waiter
        finally:
            self._timeouts.remove(waiter)
            shared.waiters.discard(waiter)
            if not shared.waiters and not shared.task.done():
                self._cancel(key, shared)

    def _cancel(self, key: Hashable, shared: _SharedRead) -> None:
        self._remove(key, shared)
        shared.task.cancel()
        self._cancelled.add(shared.task)
        shared.task.add_done_callback(self._cancelled.discard)

    def _remove(self, key: Hashable, shared: _SharedRead) -> None:
        if self._in_flight.get(key) is shared:
            del self._in_flight[key]
