"""Breaking off, from outside, what a task waits for."""

import asyncio
from typing import Any


class CancelScope:
    """Cancels the task that it concerns, and can tell its cancellation from others'."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._has_happened = False

    def bind(self) -> None:
        """Mean the task that runs now."""
        self._task = asyncio.current_task()

    def cancel(self) -> None:
        """Break off."""
        if self._task is not None:
            self._has_happened = True
            self._task.cancel()

    def uncancel(self) -> bool:
        """Take the cancellation back; whether nobody else cancelled the task."""
        if self._task is None or not self._has_happened:
            return False
        return self._task.uncancel() == 0
