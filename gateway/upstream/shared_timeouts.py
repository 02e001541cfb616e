"""Many timeouts with a single timer of the event loop."""

import asyncio
import math
from collections.abc import Callable, Hashable


class SharedTimeouts:
    """Calls functions when times have passed, with one timer of the event loop for all of them.

    Most timeouts are removed before they expire, so a timer for each would be too expensive. The
    timer is set to the earliest time, and then to the next one.
    """

    def __init__(self) -> None:
        self._pending: dict[Hashable, tuple[float, Callable[[], None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    def add(self, key: Hashable, expires_at: float, on_expired: Callable[[], None]) -> None:
        """Call `on_expired` at the loop time `expires_at`, unless `key` is removed earlier."""
        self._pending[key] = expires_at, on_expired
        if expires_at < self._timer_at:
            self._schedule(asyncio.get_running_loop(), expires_at)

    def remove(self, key: Hashable) -> None:
        self._pending.pop(key, None)

    def _schedule(self, loop: asyncio.AbstractEventLoop, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = loop.call_at(at, self._expire, loop)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        now = max(loop.time(), self._timer_at)  # a timer may fire a little early
        self._timer, self._timer_at = None, math.inf
        expired = [key for key, (at, _) in self._pending.items() if at <= now]
        for key in expired:
            late = self._pending.pop(key, None)  # None: another callback removed it
            if late is not None:
                late[1]()
        if self._pending:
            self._schedule(loop, min(at for at, _ in self._pending.values()))
