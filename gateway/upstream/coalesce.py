"""Identical reads in flight are one call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

from gateway.clock import Clock
from gateway.upstream.deadlines import Deadlines
from gateway.upstream.errors import Unavailable, UpstreamError

T = TypeVar("T")


class _WaitedTooLong(TimeoutError):
    """One of those who wait has no more time; the others may have."""


class _Flight:
    """A fetch in a task of its own, and those who wait for it.

    Attributes:
        began_with: the deadline of whoever began it.
        deadline: the latest that the fetch knows of.
    """

    __slots__ = ("_extend", "began_with", "deadline", "task", "waiters")

    def __init__(self, deadline: float, extend: Callable[[float], None] | None) -> None:
        self.began_with = self.deadline = deadline
        self._extend = extend
        self.waiters: set[asyncio.Future[Any]] = set()
        self.task: asyncio.Task[None]

    def join(self, deadline: float) -> None:
        """Let the fetch know of one who waits longer."""
        if self._extend is not None and deadline > self.deadline:
            self.deadline = deadline
            self._extend(deadline)

    def may_end_otherwise(self, error: UpstreamError | TimeoutError, deadline: float) -> bool:
        """Whether a fetch with a later deadline might not fail so."""
        if isinstance(error, UpstreamError):
            return error.ran_out_of_time and deadline > self.deadline
        # A fetch that waited for its turn or a token, and not one who waited for the fetch.
        return not isinstance(error, _WaitedTooLong) and deadline > self.began_with

    def succeed(self, value: object) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(value)

    def fail(self, error: BaseException) -> None:
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
        self._flights: dict[Hashable, _Flight] = {}
        self._ending: set[asyncio.Task[None]] = set()  # cancelled, and not gone yet
        self._deadlines = Deadlines()

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
            flight = self._flights.get(key)
            if flight is None:
                flight = self._begin(key, _Flight(deadline, extend), fetch)
            else:
                flight.join(deadline)
            try:
                value: T = await self._wait(key, flight, deadline)
            except (UpstreamError, TimeoutError) as error:
                if not flight.may_end_otherwise(error, deadline):
                    raise
            else:
                return value

    async def aclose(self) -> None:
        """Cancel every flight and let it end."""
        for key, flight in list(self._flights.items()):
            flight.fail(Unavailable("this gateway is stopping; ask again in a moment"))
            self._cancel(key, flight)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _begin(
        self, key: Hashable, flight: _Flight, fetch: Callable[[], Coroutine[Any, Any, Any]]
    ) -> _Flight:
        self._flights[key] = flight
        flight.task = asyncio.create_task(self._fly(key, flight, fetch))
        return flight

    async def _fly(
        self, key: Hashable, flight: _Flight, fetch: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        try:
            value = await fetch()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            flight.fail(error)
        else:
            flight.succeed(value)
        finally:
            self._forget(key, flight)

    async def _wait(self, key: Hashable, flight: _Flight, deadline: float) -> Any:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        flight.waiters.add(waiter)
        at = loop.time() + deadline - self._clock.monotonic()
        self._deadlines.watch(waiter, at, _WaitedTooLong)
        try:
            return await waiter
        finally:
            self._deadlines.forget(waiter)
            flight.waiters.discard(waiter)
            if not flight.waiters and not flight.task.done():
                self._cancel(key, flight)

    def _cancel(self, key: Hashable, flight: _Flight) -> None:
        self._forget(key, flight)
        flight.task.cancel()
        self._ending.add(flight.task)
        flight.task.add_done_callback(self._ending.discard)

    def _forget(self, key: Hashable, flight: _Flight) -> None:
        """Let nobody join it any more."""
        if self._flights.get(key) is flight:
            del self._flights[key]
