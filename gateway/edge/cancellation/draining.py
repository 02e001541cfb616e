"""Draining: the time between the signal that stops the gateway and its end."""

import asyncio
from collections.abc import Callable
from typing import Final

from schema.errors import RequestError

_INTERRUPTED: Final = (
    "The gateway stopped before it could finish this request. Recorded operations continue."
    " Retry with the same idempotency key."
)


class ShuttingDown(RequestError):
    """The request outlasted the shutdown grace period."""

    retry_after_s: Final = 1

    def __init__(self, text: str = _INTERRUPTED) -> None:
        super().__init__(text)


class Draining:
    """Signals that the server is stopping, so that endless streams end."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._event = asyncio.Event()
        self._began_at: float | None = None

    def begin(self) -> None:
        """Start draining; later calls change nothing."""
        if self._began_at is None:
            self._began_at = self._monotonic()
            self._event.set()

    @property
    def has_begun(self) -> bool:
        return self._began_at is not None

    async def wait_begun(self) -> None:
        await self._event.wait()

    def remaining_s(self, grace_s: float) -> float:
        """Return the rest of a grace period that started when draining began."""
        passed_s = 0.0 if self._began_at is None else self._monotonic() - self._began_at
        return max(0.0, grace_s - passed_s)
