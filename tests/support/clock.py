"""Time that passes when something sleeps, and only then."""

import asyncio


class FakeClock:
    """A clock of which sleeping moves the hands: no test waits for time."""

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


class HeldClock(FakeClock):
    """A clock whose sleepers sleep until the test moves its hands past their time."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            return
        woken = asyncio.Event()
        self._sleepers.append((self.now + seconds, woken))
        await woken.wait()

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for wakes_at, woken in self._sleepers:
            if wakes_at <= self.now:
                woken.set()
