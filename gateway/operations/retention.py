"""Deletes the names and e-mail addresses in license errors of operations that ended long ago."""

import asyncio
import contextlib
from typing import Final, Protocol

import structlog

from gateway.clock import Clock
from gateway.operations.store.base import StoreUnavailable

LOG: Final = structlog.get_logger("gateway.operations")

_EVERY_S: Final = 600.0
_DAY_S: Final = 24 * 3600.0

Position = tuple[int, str]
FIRST: Final[Position] = (0, "")


class PersonalDataStore(Protocol):
    async def delete_personal_data(self, before: float, after: Position) -> Position | None:
        """Delete personal data from the next ended operations, in the order of their creation.

        Args:
            before: seconds since the epoch; operations that were created later keep the data.
            after: the position to continue at.

        Returns:
            The position of the last of these operations; None if there are no more.

        Raises:
            StoreUnavailable: nothing was deleted, or that is not known; repeating it is safe.
        """
        ...


class PersonalDataRetention:
    """Deletes old personal data, in a task that runs until the process ends."""

    def __init__(self, store: PersonalDataStore, clock: Clock, *, days: float) -> None:
        self._store = store
        self._clock = clock
        self._kept_s = days * _DAY_S
        self._position = FIRST
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self.delete_expired()
            except StoreUnavailable as error:
                LOG.warning("personal data cannot be deleted now", reason=str(error))
            except Exception as fault:  # the next run may succeed
                LOG.error("personal data cannot be deleted", exc_info=fault)
            await self._clock.sleep(_EVERY_S)

    async def delete_expired(self) -> None:
        """Delete personal data that is old enough, and continue where the last call has ended."""
        before = self._clock.wall() - self._kept_s
        while position := await self._store.delete_personal_data(before, self._position):
            self._position = position
