"""An operation that runs in this process, as far as it has come; followed without the database."""

import asyncio
from dataclasses import dataclass, field

from gateway.operations.record import Ended, Record, Stored


@dataclass(slots=True, eq=False)
class Live:
    """The record, the ends of its steps, its end; and a way to wait for the next of them.

    Attributes:
        task: what runs it, once it runs.
        is_sending: an attempt is on its way, and an answer may come.
    """

    record: Record
    entries: list[Stored] = field(default_factory=list)
    ended: Ended | None = None
    task: "asyncio.Task[object] | None" = None
    is_sending: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, entry: Stored) -> None:
        """Note the end of a step."""
        self.entries.append(entry)
        self._tell()

    def end(self, ended: Ended) -> None:
        """Note the end of the operation."""
        self.ended = ended
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def next_change(self) -> asyncio.Event:
        """Return what is set when something is noted from now on."""
        return self._changed

    async def the_end(self) -> None:
        """Wait for the end."""
        while self.ended is None:
            await self._changed.wait()
