"""An operation that this process executes, as far as it is stored."""

import asyncio
from dataclasses import dataclass, field

from gateway.operations.change_notifier import ChangeNotifier
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import OperationResult
from gateway.operations.snapshot import OperationSnapshot, replay, with_blocked_store
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

    record: OperationRecord
    claim: Claim
    steps: list[StoredStruct] = field(default_factory=list)
    result: OperationResult | None = None
    task: "asyncio.Task[None] | None" = None
    is_sending: bool = False
    is_ending: bool = False
    is_released: bool = False
    blocked_by: str | None = None
    changes: ChangeNotifier = field(default_factory=ChangeNotifier)
    caller_returned: asyncio.Event = field(default_factory=asyncio.Event)

    def add_step(self, step: StoredStruct) -> None:
        """Note a step that is stored."""
        self.steps.append(step)
        self.unblock()

    def set_result(self, ended: OperationResult) -> None:
        """Note the end, which is stored."""
        self.result = ended
        self.unblock()

    def block(self, reason: str) -> None:
        """Note why nothing more of it can be stored at the moment."""
        if self.blocked_by != reason:
            self.blocked_by = reason
            self.changes.notify()

    def unblock(self) -> None:
        """Note that the store takes its writes."""
        self.blocked_by = None
        self.changes.notify()

    def release(self) -> None:
        """Stop executing it; those who wait for it read the store from now on."""
        self.is_released = True
        if self.task is not None:
            self.task.cancel()
        self.changes.notify()

    @property
    def snapshot(self) -> OperationSnapshot:
        """Where it stands."""
        found = replay(self.record, self.steps, self.result)
        return found if self.blocked_by is None else with_blocked_store(found, self.blocked_by)

    async def wait_ended(self) -> None:
        """Wait until it has ended, or is executed here no more."""
        while self.result is None and not self.is_released:
            await self.changes.next_event().wait()
