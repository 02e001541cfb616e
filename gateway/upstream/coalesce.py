"""Identical reads in flight are one call."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Flight:
    task: asyncio.Task[Any]
    deadline: float
    waiters: int = 0


class Coalescer:
    """Shares a value, or a failure, among all that ask for it while it is fetched.

    A flight is a task of its own: a waiter that is cancelled harms no other, and when the last
    has gone the flight is cancelled. It keeps the deadline of whoever started it.

    Args:
        short_of_time: failures that a flight with a later deadline might not have had.
    """

    def __init__(self, short_of_time: tuple[type[Exception], ...]) -> None:
        self._short_of_time = short_of_time
        self._flights: dict[Hashable, _Flight] = {}

    async def share(
        self, key: Hashable, deadline: float, fetch: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Join the flight of `key`, or start it with `fetch`.

        Whoever joined a flight that failed for lack of time, and has more, starts another.
        """
        while True:
            flight = self._flights.get(key) or self._start(key, deadline, fetch)
            try:
                value: T = await self._join(key, flight)
            except self._short_of_time:
                if deadline <= flight.deadline:
                    raise
            else:
                return value

    async def aclose(self) -> None:
        """Cancel every flight and wait for its end."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._forget(key, flight)  # nobody joins a flight that is being cancelled
                flight.task.cancel()

    def _forget(self, key: Hashable, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
