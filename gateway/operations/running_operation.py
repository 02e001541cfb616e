"""An operation that this process executes, as far as it is stored."""

import asyncio
from dataclasses import dataclass, field

from gateway.operations.changes import Changes
from gateway.operations.entries import Ended
from gateway.operations.record import Record, Stored
from gateway.operations.standing import Standing, blocked, standing
from gateway.operations.store.base import Claim


@dataclass(slots=True, eq=False)
class RunningOperation:
    """Its steps and its end are added once they are stored: what is told from here is the truth.

    Attributes:
        claim: the right to write to it.
        task: executes it.
        changes: of the steps, the end, and whether it is executed here at all.
        is_sending: an attempt is on its way, and a response may come.
        is_ending: its end is being stored, and others may read it there already.
        has_let_go: another process executes it now, or this one has stopped.
        blocked_by: why its last step or its end cannot be stored at the moment.
        caller_returned: its principal may have called since this process last needed its token.
    """

    record: Record
    claim: Claim
    steps: list[Stored] = field(default_factory=list)
    ended: Ended | None = None
    task: "asyncio.Task[None] | None" = None
    is_sending: bool = False
    is_ending: bool = False
    has_let_go: bool = False
    blocked_by: str | None = None
    changes: Changes = field(default_factory=Changes)
    caller_returned: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, step: Stored) -> None:
        """Note a step that is stored."""
        self.steps.append(step)
        self.unblock()

    def end(self, ended: Ended) -> None:
        """Note the end, which is stored."""
        self.ended = ended
        self.unblock()

    def block(self, reason: str) -> None:
        """Note why nothing more of it can be stored at the moment."""
        if self.blocked_by != reason:
            self.blocked_by = reason
            self.changes.tell()

    def unblock(self) -> None:
        """Note that the store takes its writes."""
        self.blocked_by = None
        self.changes.tell()

    def let_go(self) -> None:
        """Stop executing it; those who wait for it read the store from now on."""
        self.has_let_go = True
        if self.task is not None:
            self.task.cancel()
        self.changes.tell()

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        found = standing(self.record, self.steps, self.ended)
        return found if self.blocked_by is None else blocked(found, self.blocked_by)

    async def wait_ended(self) -> None:
        """Wait until it has ended, or is executed here no more."""
        while self.ended is None and not self.has_let_go:
            await self.changes.next().wait()
