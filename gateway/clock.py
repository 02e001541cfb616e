"""Time as an argument."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where upstream code reads the time and waits."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow; deadlines are counted in these."""
        ...

    def wall(self) -> float:
        """Return seconds since the epoch, for dates that others name."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The time of this machine."""

    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(seconds)
