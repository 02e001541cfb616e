"""The limits of the process, which are replaced when their file changes."""

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

_CHECK_INTERVAL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers, and the objects that apply them.

    Attributes:
        engine: caches only documents that are within these limits.
    """

    numbers: LimitNumbers
    engine: Engine
    requests: RequestLimits
    bodies: BodyLimits


class ReloadableLimits:
    """Replaces all limits at once.

    Args:
        build: builds the limits for some numbers.
        numbers: the first numbers.
        file: the file with later numbers; None if they never change.

    Attributes:
        current: the limits in force. Read it once if several limits must come from the same
            version.
    """

    def __init__(
        self,
        build: Callable[[LimitNumbers], Limits],
        numbers: LimitNumbers,
        file: ReloadingFile[LimitNumbers] | None = None,
    ) -> None:
        self._build = build
        self._file = file
        self.current = build(numbers)

    @asynccontextmanager
    async def watch(self, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[None]:
        """Check the file every second during the block, so that no request has to."""
        task = None if self._file is None else asyncio.create_task(self._watch(self._file, sleep))
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def is_current(self) -> bool:
        """Whether the present content of the file is in force, if there is a file."""
        return self._file is None or self._file.is_current

    async def _watch(
        self, file: ReloadingFile[LimitNumbers], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        while True:
            await sleep(_CHECK_INTERVAL_S)
            numbers = file.current()
            if numbers != self.current.numbers:
                self.current = self._build(numbers)
