"""Notifies waiting tasks of changes in memory."""

import asyncio


class ChangeNotifier:
    """Wakes every task that waits for the next change."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def notify(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    def next_event(self) -> asyncio.Event:
        """Return an event that is set at the next change."""
        return self._next
