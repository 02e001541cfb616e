"""A bound on the calls in flight that is fair between requests."""

import asyncio
from collections import deque
from collections.abc import Hashable

from gateway.upstream.shared_timeouts import SharedTimeouts


class FairSemaphore:
    """Lets so many calls through at a time and serves the owners of waiting calls in turn.

    A request with a thousand calls waits beside a request with one, not in front of it.
    """

    def __init__(self, max_in_flight: int) -> None:
        self._free = max_in_flight
        self._timeouts = SharedTimeouts()
        # The ring of owners: the first is served next and, if it waits for more, put last.
        self._queues: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def try_acquire(self) -> bool:
        """Take a place if one is free; whoever did leaves once."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def acquire(self, owner: Hashable, timeout_s: float) -> None:
        """Wait for a place; whoever returns from here leaves once.

        Raises:
            TimeoutError: there was none within `patience_s`.
        """
        if self.try_acquire():
            return
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._queues.setdefault(owner, deque()).append(waiter)
        self._timeouts.add(waiter, loop.time() + timeout_s, TimeoutError)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # given a place and cancelled in one tick
                self.release()
            raise
        finally:
            self._timeouts.remove(waiter)

    def release(self) -> None:
        """Give the place to the next owner's first call."""
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
