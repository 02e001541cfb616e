"""Waiting for the next change of something that is kept in memory."""

import asyncio


class ChangeNotifier:
    """Wakes all who wait, once for each change."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def notify(self) -> None:
        """Say that something has changed."""
        self._next.set()
        self._next = asyncio.Event()

    def next_event(self) -> asyncio.Event:
        """Return what is set at the first change from now on."""
        return self._next
