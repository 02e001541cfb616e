"""Futures that fail when their time is up, by one timer for all of them."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

Wait = asyncio.Future[Any]
Lateness = Callable[[], Exception]
"""Makes what a wait fails with, when it does."""


class Deadlines:
    """Watches waits of which nearly all end before their time.

    A timer of the loop for each would cost more than the rest of a wait. There is one, set for the
    earliest deadline; when it rings, and what it was set for is long over, it is set for the next.
    """

    def __init__(self) -> None:
        self._watched: dict[Wait, tuple[float, Lateness]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = math.inf

    def watch(self, wait: Wait, at: float, lateness: Lateness) -> None:
        """Fail `wait` at a time of its loop, unless it is done or forgotten by then."""
        self._watched[wait] = at, lateness
        if at < self._rings_at:
            self._set(wait.get_loop(), at)

    def forget(self, wait: Wait) -> None:
        """Watch it no longer."""
        self._watched.pop(wait, None)

    def _set(self, loop: asyncio.AbstractEventLoop, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = at
        self._timer = loop.call_at(at, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        now = max(loop.time(), self._rings_at)  # a timer may ring a little early
        self._timer, self._rings_at = None, math.inf
        for wait, (at, lateness) in list(self._watched.items()):
            if at <= now:
                del self._watched[wait]
                if not wait.done():
                    wait.set_exception(lateness())
        if self._watched:
            self._set(loop, min(at for at, _ in self._watched.values()))
