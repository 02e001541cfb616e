"""A bound on the calls in flight that is fair between requests."""

import asyncio
from collections import deque
from collections.abc import Hashable

from gateway.upstream.deadlines import Deadlines


class Gate:
    """Lets so many calls through at a time and serves the owners of waiting calls in turn.

    A request with a thousand calls waits beside a request with one, not in front of it.
    """

    def __init__(self, max_in_flight: int) -> None:
        self._free = max_in_flight
        self._deadlines = Deadlines()
        # The ring of owners: the first is served next and, if it waits for more, put last.
        self._queues: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def enter_now(self) -> bool:
        """Take a place if one is free; whoever did leaves once."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def enter(self, owner: Hashable, patience_s: float) -> None:
        """Wait for a place; whoever returns from here leaves once.

        Raises:
            TimeoutError: there was none within `patience_s`.
        """
        if self.enter_now():
            return
        loop = asyncio.get_running_loop()
        place = loop.create_future()
        self._queues.setdefault(owner, deque()).append(place)
        self._deadlines.watch(place, loop.time() + patience_s, TimeoutError)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # given a place and cancelled in one tick
                self.leave()
            raise
        finally:
            self._deadlines.forget(place)

    def leave(self) -> None:
        """Give the place to the next owner's first call."""
        while self._queues:
            owner, queue = next(iter(self._queues.items()))
            place = queue.popleft()
            del self._queues[owner]
            if queue:
                self._queues[owner] = queue
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
