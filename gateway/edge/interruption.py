"""Breaking off, from outside, what a task waits for."""

import asyncio


class Interruption:
    """Cancels the task that made it, and can tell its cancellation from others'.

    `asyncio.timeout` does the same for deadlines, at four times the cost; most requests have
    nothing to wait for, so whoever uses this starts watching only when the task first waits.
    """

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._has_happened = False

    def happen(self) -> None:
        """Break off."""
        if self._task is not None:
            self._has_happened = True
            self._task.cancel()

    def withdraw(self) -> bool:
        """Take the cancellation back; whether nobody else cancelled the task."""
        if self._task is None or not self._has_happened:
            return False
        return self._task.uncancel() == 0
