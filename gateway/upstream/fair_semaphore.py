"""A semaphore that is fair between requests."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from gateway.upstream.shared_timeouts import SharedTimeouts

UsePlace = Callable[[], bool]
"""Uses a place that is free. Returns False if it needs none any more."""


class FairSemaphore:
    """Limits the calls in flight. The requests that wait take turns.

    A request with a thousand calls therefore does not delay a request with one.
    """

    def __init__(self, max_in_flight: int) -> None:
        self._max_in_flight = self._free = max_in_flight
        self._timeouts = SharedTimeouts()
        # Waiting calls by owner. The first owner is served next and then moved to the end.
        self._queues: dict[Hashable, deque[UsePlace]] = {}

    @property
    def in_flight(self) -> int:
        return self._max_in_flight - self._free

    @property
    def waiting(self) -> int:
        return sum(map(len, self._queues.values()))

    def acquire_up_to(self, wanted: int) -> int:
        """Acquire at most `wanted` places, as many as are free, and return their number."""
        acquired = min(wanted, self._free)
        self._free -= acquired
        return acquired

    def enqueue(self, owner: Hashable, calls: Sequence[UsePlace]) -> None:
        """Call each function once a place is free for it.

        A function that uses its place releases it.
        """
        if calls:
            self._queues.setdefault(owner, deque()).extend(calls)

    async def acquire(self, owner: Hashable, timeout_s: float) -> None:
        """Wait for a place. Raises TimeoutError if none is free within `timeout_s`."""
        if self.acquire_up_to(1):
            return
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self.enqueue(owner, [partial(_wake, waiter)])
        self._timeouts.add(waiter, loop.time() + timeout_s, partial(_fail_late, waiter))
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # acquired and cancelled in the same tick
                self.release()
            raise
        finally:
            self._timeouts.remove(waiter)

    def release(self) -> None:
        """Free places, and give each to a waiting call of the next owner in turn."""
        queues = self._queues
        while queues:
            owner = next(iter(queues))
            queue = queues[owner]
            use_place = queue.popleft()
            if not queue:
                del queues[owner]
            elif len(queues) > 1:
                queues[owner] = queues.pop(owner)
            if use_place():
                return
        self._free += 1


def _wake(waiter: "asyncio.Future[None]") -> bool:
    if waiter.done():
        return False
    waiter.set_result(None)
    return True


def _fail_late(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
