"""An operation that runs in this process, as far as it has come; followed without the database."""

import asyncio
from dataclasses import dataclass, field

from gateway.operations.changes import Changes
from gateway.operations.entries import Ended
from gateway.operations.record import Record, Stored


@dataclass(slots=True, eq=False)
class Live:
    """The record, the ends of its steps, its end.

    Attributes:
        task: what runs it, once it runs.
        changes: of the entries, and the end.
        is_sending: an attempt is on its way, and an answer may come.
        arrival: its principal may have called since this process last needed its token.
    """

    record: Record
    entries: list[Stored] = field(default_factory=list)
    ended: Ended | None = None
    task: "asyncio.Task[object] | None" = None
    is_sending: bool = False
    changes: Changes = field(default_factory=Changes)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, entry: Stored) -> None:
        """Note the end of a step."""
        self.entries.append(entry)
        self.changes.tell()

    def end(self, ended: Ended) -> None:
        """Note the end of the operation."""
        self.ended = ended
        self.changes.tell()

    async def the_end(self) -> None:
        """Wait for the end."""
        while self.ended is None:
            await self.changes.next().wait()
