"""Clocks that tests control."""

import asyncio

from gateway.operations.change_notifier import ChangeNotifier
from tests.support.waiting import HANG_TIMEOUT_S


class FakeClock:
    """A clock that each sleep advances at once."""

    def __init__(self, now: float = 1000.0, wall: float = 1_700_000_000.0) -> None:
        self._started_at = now
        self._wall_at_start = wall
        self.now = now
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self._wall_at_start + self.now - self._started_at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        wakes_at = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, wakes_at)


class ManualClock(FakeClock):
    """A clock that only the test advances."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        super().__init__(wall=wall)
        self._sleepers: list[tuple[float, asyncio.Event]] = []
        self._changes = ChangeNotifier()

    @property
    def sleeper_count(self) -> int:
        return len(self._sleepers)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            return
        sleeper = self.now + seconds, asyncio.Event()
        self._sleepers.append(sleeper)
        self._changes.notify()
        try:
            await sleeper[1].wait()
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    async def wait_until_asleep(self, count: int) -> None:
        async with asyncio.timeout(HANG_TIMEOUT_S):
            while self.sleeper_count < count:
                await self._changes.next_event().wait()

    def advance(self, seconds: float) -> None:
        """Advance the clock, and wake the sleepers whose time has come."""
        self.now += seconds
        due = [sleeper for sleeper in self._sleepers if sleeper[0] <= self.now]
        self._sleepers = [sleeper for sleeper in self._sleepers if sleeper[0] > self.now]
        for _, woken in due:
            woken.set()

    def wake_next(self, within_s: float) -> None:
        """Advance the clock until the next sleeper wakes, if that is within the time."""
        wakes_at = min((at for at, _ in self._sleepers), default=self.now)
        if wakes_at <= self.now + within_s:
            self.advance(wakes_at - self.now)
