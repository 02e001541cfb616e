"""Identical reads in flight are one call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar, cast

from gateway.upstream.clock import Clock
from gateway.upstream.errors import Unavailable, UpstreamError

T = TypeVar("T")


class _Flight:
    """A fetch, by the task that leads it, and those who follow."""

    __slots__ = ("deadline", "followers", "is_stopped", "leader")

    def __init__(self, deadline: float) -> None:
        self.leader = cast("asyncio.Task[Any]", asyncio.current_task())
        self.deadline = deadline
        self.followers: list[asyncio.Future[Any]] = []
        self.is_stopped = False


def _follower(flight: _Flight) -> "asyncio.Future[Any]":
    follower = asyncio.get_running_loop().create_future()
    flight.followers.append(follower)
    return follower


class _LeaderLeft(Exception):
    """Whoever fetched for all was cancelled; the next in line fetches."""


class Coalescer:
    """Shares a value, or a failure, among all that ask for it while it is fetched.

    Whoever asks first fetches, in its own task: a read that nobody shares costs no task and no
    future. A follower that is cancelled harms nobody. A leader that is cancelled takes its fetch
    with it, and a follower begins anew, as does one that has more time than a leader that ran out
    of it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._flights: dict[Hashable, _Flight] = {}

    async def share(
        self, key: Hashable, deadline: float, fetch: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Join the flight of `key`, or lead it with `fetch`.

        Any failure but a lack of time is everybody's: trying again in turn would multiply it.

        Raises:
            TimeoutError: the deadline passed while another fetched.
        """
        while (flight := self._flights.get(key)) is not None:
            try:
                value: T = await self._follow(flight, deadline)
            except _LeaderLeft:
                continue
            except UpstreamError as error:
                if not error.ran_out_of_time or deadline <= flight.deadline:
                    raise
            else:
                return value
        return await self._lead(key, deadline, fetch)

    async def aclose(self) -> None:
        """Cancel every flight and let it end."""
        ends = []
        for flight in self._flights.values():
            ends.append(_follower(flight))
            flight.is_stopped = True
            flight.leader.cancel()
        await asyncio.gather(*ends, return_exceptions=True)

    async def _follow(self, flight: _Flight, deadline: float) -> Any:
        async with asyncio.timeout(deadline - self._clock.monotonic()):
            return await _follower(flight)

    async def _lead(
        self, key: Hashable, deadline: float, fetch: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        flight = self._flights[key] = _Flight(deadline)
        try:
            value = await fetch()
        except asyncio.CancelledError as cancelled:
            if flight.is_stopped:
                raise self._stopped(key, flight) from cancelled
            self._fail(key, flight, _LeaderLeft())
            raise
        except BaseException as error:
            self._fail(key, flight, error)
            raise
        del self._flights[key]
        for follower in flight.followers:
            if not follower.done():
                follower.set_result(value)
        return value

    def _stopped(self, key: Hashable, flight: _Flight) -> Unavailable:
        flight.leader.uncancel()
        stopping = Unavailable("this gateway is stopping; ask again in a moment")
        self._fail(key, flight, stopping)
        return stopping

    def _fail(self, key: Hashable, flight: _Flight, error: BaseException) -> None:
        del self._flights[key]
        for follower in flight.followers:
            if not follower.done():
                follower.set_exception(error)
