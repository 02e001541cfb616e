"""The limits of this process, which may change while it answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from gateway.engine import Engine
from gateway.limits.body import BodyLimits
from gateway.limits.requests import RequestLimits
from gateway.settings import LimitNumbers
from gateway.settings.reloading import ReloadingFile

_LOOKED_AT_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Whatever follows from the numbers.

    Attributes:
        engine: keeps documents that are within these limits, and none from before.
    """

    numbers: LimitNumbers
    engine: Engine
    requests: RequestLimits
    bodies: BodyLimits


class ReloadableLimits:
    """Replaces all limits at once, so that a request meets the old ones or the new.

    Args:
        make: builds what follows from numbers.
        numbers: the first ones.
        file: says the next ones; None where they never change.

    Attributes:
        now: read once where several are needed that fit each other.
    """

    def __init__(
        self,
        make: Callable[[LimitNumbers], Limits],
        numbers: LimitNumbers,
        file: ReloadingFile[LimitNumbers] | None = None,
    ) -> None:
        self._make = make
        self._file = file
        self.current = make(numbers)

    @asynccontextmanager
    async def watch(self, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[None]:
        """Follow the file during the block, beside the requests: none of them looks at it."""
        task = None if self._file is None else asyncio.create_task(self._follow(self._file, sleep))
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def is_current(self) -> bool:
        """Whether what the file says now is in force, if there is one."""
        return self._file is None or self._file.is_current

    async def _follow(
        self, file: ReloadingFile[LimitNumbers], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        while True:
            await sleep(_LOOKED_AT_EVERY_S)
            numbers = file.current()
            if numbers != self.current.numbers:
                self.current = self._make(numbers)
