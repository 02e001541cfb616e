"""A semaphore that is fair between requests."""

import asyncio
from collections import deque
from collections.abc import Hashable

from gateway.upstream.shared_timeouts import SharedTimeouts


class FairSemaphore:
    """Limits the calls in flight, and serves the owners of waiting calls in turn.

    A request with a thousand calls does not delay a request with one.
    """

    def __init__(self, max_in_flight: int) -> None:
        self._free = max_in_flight
        self._timeouts = SharedTimeouts()
        # Waiting calls by owner. The first owner is served next and then moved to the end.
        self._queues: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def try_acquire(self) -> bool:
        """Acquire without waiting; returns False if that is not possible."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def acquire(self, owner: Hashable, timeout_s: float) -> None:
        """Wait for a place. Raises TimeoutError after `timeout_s`."""
        if self.try_acquire():
            return
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._queues.setdefault(owner, deque()).append(waiter)
        self._timeouts.add(waiter, loop.time() + timeout_s, TimeoutError)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # acquired and cancelled in the same tick
                self.release()
            raise
        finally:
            self._timeouts.remove(waiter)

    def release(self) -> None:
        """Pass the place on to the next owner's first waiting call."""
        while self._queues:
            owner, queue = next(iter(self._queues.items()))
            waiter = queue.popleft()
            del self._queues[owner]
            if queue:
                self._queues[owner] = queue
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1
