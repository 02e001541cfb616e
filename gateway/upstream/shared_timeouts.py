"""Timeouts of many futures with a single timer."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

Waiter = asyncio.Future[Any]
MakeError = Callable[[], Exception]
"""Creates the exception for a future that timed out."""


class SharedTimeouts:
    """Sets an exception on futures that are not done in time; nearly all are.

    A timer of the loop for each future would cost more than everything else about it. There is one
    timer, set for the earliest time. When it fires it is set for the next one.
    """

    def __init__(self) -> None:
        self._pending: dict[Waiter, tuple[float, MakeError]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    def add(self, waiter: Waiter, expires_at: float, make_error: MakeError) -> None:
        """Let `waiter` fail at the loop time `expires_at`, unless it is done or removed."""
        self._pending[waiter] = expires_at, make_error
        if expires_at < self._timer_at:
            self._schedule(waiter.get_loop(), expires_at)

    def remove(self, waiter: Waiter) -> None:
        self._pending.pop(waiter, None)

    def _schedule(self, loop: asyncio.AbstractEventLoop, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = loop.call_at(at, self._expire, loop)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        now = max(loop.time(), self._timer_at)  # a timer may fire a little early
        self._timer, self._timer_at = None, math.inf
        for waiter, (at, make_error) in list(self._pending.items()):
            if at <= now:
                del self._pending[waiter]
                if not waiter.done():
                    waiter.set_exception(make_error())
        if self._pending:
            self._schedule(loop, min(at for at, _ in self._pending.values()))
