"""Whose operations wait for them to call again, and who has."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class CallerPresence:
    """Tells operations that their principal is there."""

    def __init__(self) -> None:
        # In the order in which they began, which a set of events would not keep.
        self._subscribers: dict[str, dict[asyncio.Event, None]] = {}

    def notify(self, principal: str) -> None:
        """Tell the operations of a principal."""
        for arrival in self._subscribers.get(principal, ()):
            arrival.set()

    @contextmanager
    def subscribe(self, principal: str, arrival: asyncio.Event) -> Iterator[None]:
        """Have every call of a principal during the block set `arrival`.

        As long as the operation runs, not only while it waits: a call that comes when it has just
        looked for its principal in vain, and is about to wait, may be the last for long.
        """
        concerned = self._subscribers.setdefault(principal, {})
        concerned[arrival] = None
        try:
            yield
        finally:
            del concerned[arrival]
            if not concerned:
                del self._subscribers[principal]
