"""Identical reads in flight are one call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from gateway.clock import Clock
from gateway.upstream.errors import Unavailable, UpstreamError
from gateway.upstream.shared_timeouts import SharedTimeouts

T = TypeVar("T")


class _WaiterTimedOut(TimeoutError):
    """One of those who wait has no more time; the others may have."""


class _SharedRead:
    """A fetch in a task of its own, and those who wait for it.

    Attributes:
        began_with: the deadline of whoever began it.
        deadline: the latest that the fetch knows of.
    """

    __slots__ = ("_extend", "deadline", "initial_deadline", "task", "waiters")

    def __init__(self, deadline: float, extend: Callable[[float], None] | None) -> None:
        self.initial_deadline = self.deadline = deadline
        self._extend = extend
        self.waiters: set[asyncio.Future[Any]] = set()
        self.task: asyncio.Task[None]

    def extend_deadline(self, deadline: float) -> None:
        """Let the fetch know of one who waits longer."""
        if self._extend is not None and deadline > self.deadline:
            self.deadline = deadline
            self._extend(deadline)

    def is_worth_repeating(self, error: UpstreamError | TimeoutError, deadline: float) -> bool:
        """Whether a fetch with a later deadline might not fail so."""
        if isinstance(error, UpstreamError):
            return error.hit_deadline and deadline > self.deadline
        # A fetch that waited for its turn or a token, and not one who waited for the fetch.
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
    """Shares a value, or a failure, among all that ask for it while it is fetched.

    A fetch belongs to nobody: whoever leaves, the one who asked first included, harms no other.
    It ends early only when nobody waits for it any more.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._in_flight: dict[Hashable, _SharedRead] = {}
        self._cancelled: set[asyncio.Task[None]] = set()  # cancelled, and not gone yet
        self._timeouts = SharedTimeouts()

    async def share(
        self,
        key: Hashable,
        deadline: float,
        fetch: Callable[[], Coroutine[Any, Any, T]],
        extend: Callable[[float], None] | None = None,
    ) -> T:
        """Join the flight of `key`, or begin it with `fetch`.

        Any failure but a lack of time is everybody's: trying again in turn would multiply it.

        Args:
            key: equal for what may be shared.
            deadline: monotonic seconds until when this one waits.
            fetch: takes as much time as `deadline` and what it is told by `extend` allow.
            extend: tells `fetch` that somebody waits longer.

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
        """Cancel every flight and let it end."""
        for key, shared in list(self._in_flight.items()):
            shared.set_exception(Unavailable("this gateway is stopping; ask again in a moment"))
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
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
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
        """Let nobody join it any more."""
        if self._in_flight.get(key) is shared:
            del self._in_flight[key]
