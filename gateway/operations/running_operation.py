"""An operation that this process executes."""

import asyncio
from dataclasses import dataclass, field

from gateway.operations.change_notifier import ChangeNotifier
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import OperationResult, PollResult
from gateway.operations.snapshot import OperationSnapshot, replay, with_blocked_store
from gateway.operations.store.base import Claim


@dataclass(slots=True, eq=False)
class RunningOperation:
    """An operation that this process executes. It shows only states that are stored.

    Attributes:
        task: the task that executes it.
        changes: notified of new steps, of the result, and of the release.
        is_sending: whether the order was sent, and its response may still come.
        is_finishing: whether its result is being stored; other processes may read it already.
        is_released: whether another process executes it now, or this one has stopped.
        blocked_by: why the next step or result cannot be stored at the moment.
        caller_returned: set when the principal has sent a request since a step needed its token.
    """

    record: OperationRecord
    claim: Claim
    steps: list[StoredStruct] = field(default_factory=list)
    result: OperationResult | None = None
    task: "asyncio.Task[None] | None" = None
    is_sending: bool = False
    is_finishing: bool = False
    is_released: bool = False
    blocked_by: str | None = None
    changes: ChangeNotifier = field(default_factory=ChangeNotifier)
    caller_returned: asyncio.Event = field(default_factory=asyncio.Event)

    def add_step(self, step: StoredStruct) -> None:
        self.steps.append(step)
        self.unblock()

    def set_result(self, result: OperationResult) -> None:
        self.result = result
        self.unblock()

    def block(self, reason: str) -> None:
        if self.blocked_by != reason:
            self.blocked_by = reason
            self.changes.notify()

    def unblock(self) -> None:
        self.blocked_by = None
        self.changes.notify()

    def release(self) -> None:
        """Stop executing the operation. Tasks that wait for it read the store from now on."""
        self.is_released = True
        if self.task is not None:
            self.task.cancel()
        self.changes.notify()

    @property
    def snapshot(self) -> OperationSnapshot:
        snapshot = replay(self.record, self.steps, self.result)
        if self.blocked_by is None:
            return snapshot
        return with_blocked_store(snapshot, self.blocked_by)

    @property
    def is_polled(self) -> bool:
        """Whether the vendor has accepted the order and is executing it."""
        return self.result is None and any(isinstance(step, PollResult) for step in self.steps)

    async def wait_polled(self) -> None:
        """Wait until the operation is polled, has a result, or is no longer executed here."""
        while not (self.is_polled or self.result or self.is_released):
            await self.changes.next_event().wait()

    async def wait_ended(self) -> None:
        """Wait until the operation has a result, or is no longer executed here."""
        while self.result is None and not self.is_released:
            await self.changes.next_event().wait()
