"""Identical reads in flight are one call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.upstream.errors import Unavailable, UpstreamError

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Flight:
    task: asyncio.Task[Any]
    deadline: float
    waiters: int = 0
    is_abandoned: bool = False


class Coalescer:
    """Shares a value, or a failure, among all that ask for it while it is fetched.

    A flight is a task of its own: a waiter that is cancelled harms no other, and when the last
    has gone the flight is cancelled. It keeps the deadline of whoever started it.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    async def share(
        self, key: Hashable, deadline: float, fetch: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Join the flight of `key`, or start it with `fetch`.

        Whoever joined a flight that failed for lack of time, and has more, starts another. Any
        other failure is everybody's: trying again in turn would multiply it.
        """
        while True:
            flight = self._flights.get(key) or self._start(key, deadline, fetch)
            try:
                value: T = await self._join(key, flight)
            except UpstreamError as error:
                if not error.ran_out_of_time or deadline <= flight.deadline:
                    raise
            else:
                return value

    async def aclose(self) -> None:
        """Cancel every flight and wait for its end."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.is_abandoned = True
            flight.task.cancel()
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)

    def _start(
        self, key: Hashable, deadline: float, fetch: Callable[[], Coroutine[Any, Any, Any]]
    ) -> _Flight:
        flight = self._flights[key] = _Flight(asyncio.create_task(fetch()), deadline)
        flight.task.add_done_callback(lambda _: self._forget(key, flight))
        return flight

    async def _join(self, key: Hashable, flight: _Flight) -> Any:
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.is_abandoned:
                raise Unavailable("this gateway is stopping; ask again in a moment") from None
            raise
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._forget(key, flight)  # nobody joins a flight that is being cancelled
                flight.task.cancel()

    def _forget(self, key: Hashable, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
