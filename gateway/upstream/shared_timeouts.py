"""Futures that fail when their time is up, by one timer for all of them."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

Waiter = asyncio.Future[Any]
MakeError = Callable[[], Exception]
"""Makes what a wait fails with, when it does."""


class SharedTimeouts:
    """Watches waits of which nearly all end before their time.

    A timer of the loop for each would cost more than the rest of a wait. There is one, set for the
    earliest deadline; when it rings, and what it was set for is long over, it is set for the next.
    """

    def __init__(self) -> None:
        self._pending: dict[Waiter, tuple[float, MakeError]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    def add(self, waiter: Waiter, expires_at: float, make_error: MakeError) -> None:
        """Fail `wait` at a time of its loop, unless it is done or forgotten by then."""
        self._pending[waiter] = expires_at, make_error
        if expires_at < self._timer_at:
            self._schedule(waiter.get_loop(), expires_at)

    def remove(self, waiter: Waiter) -> None:
        """Watch it no longer."""
        self._pending.pop(waiter, None)

    def _schedule(self, loop: asyncio.AbstractEventLoop, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = loop.call_at(at, self._expire, loop)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        now = max(loop.time(), self._timer_at)  # a timer may ring a little early
        self._timer, self._timer_at = None, math.inf
        for waiter, (at, make_error) in list(self._pending.items()):
            if at <= now:
                del self._pending[waiter]
                if not waiter.done():
                    waiter.set_exception(make_error())
        if self._pending:
            self._schedule(loop, min(at for at, _ in self._pending.values()))
