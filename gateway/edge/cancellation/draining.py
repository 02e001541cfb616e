"""The time between the signal that ends the gateway and its end."""

import asyncio
from collections.abc import Callable
from typing import Final

from schema.errors import RequestError

_CUT_OFF: Final = (
    "The gateway is shutting down and could not answer in time. What was recorded goes on; ask"
    " again with the same idempotency key."
)


class ShuttingDown(RequestError):
    """A request lasted longer than the gateway waits when it is stopped."""

    retry_after_s: Final = 1

    def __init__(self, text: str = _CUT_OFF) -> None:
        super().__init__(text)


class Draining:
    """Tells what would never end by itself that it has to."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._begun = asyncio.Event()
        self._began_at: float | None = None

    def begin(self) -> None:
        """Say so; only the first time counts."""
        if self._began_at is None:
            self._began_at = self._monotonic()
            self._begun.set()

    @property
    def has_begun(self) -> bool:
        """Whether it has been said."""
        return self._began_at is not None

    async def wait_begun(self) -> None:
        """Wait until it is said."""
        await self._begun.wait()

    def remaining_s(self, grace_s: float) -> float:
        """Return what is left of a time that began with it."""
        passed_s = 0.0 if self._began_at is None else self._monotonic() - self._began_at
        return max(0.0, grace_s - passed_s)
