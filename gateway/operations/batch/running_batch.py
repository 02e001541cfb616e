"""A batch that runs in this process, as far as its lines have come."""

import asyncio
import math

from gateway.operations.change_notifier import ChangeNotifier
from gateway.operations.model.batch import FINAL_STATES, BatchRecord
from gateway.operations.store.base import Claim
from schema.operation import OperationState


class RunningBatch:
    """The states of the lines, as far as they are stored.

    Attributes:
        claim: the right to write to it.
        is_loaded: the states of lines that were begun before are known.
        is_ending: its end is being stored, and others may read it there already.
        has_let_go: another process executes it now, or this one has stopped.
        task: what runs it.
        changes: of the states, and the end.
        asked_at: when the store was last asked whether it is cancelled.
        cancelled_at: None while nobody has cancelled it.
    """

    def __init__(self, record: BatchRecord, claim: Claim) -> None:
        self.record = record
        self.claim = claim
        self.is_loaded = False
        self.is_ending = False
        self.has_let_go = False
        self.states = [OperationState.QUEUED] * len(record.lines)
        self.updated_at = record.created_at
        self.cancelled_at: float | None = None
        self.asked_at = -math.inf
        self.is_ended = False
        self.task: asyncio.Task[object] | None = None
        self.cancelled = asyncio.Event()
        self.changes = ChangeNotifier()

    def set_state(self, number: int, state: OperationState, at: float) -> None:
        """Note how far a line is."""
        if self.states[number - 1] is not state:
            self.states[number - 1] = state
            self.updated_at = max(self.updated_at, at)
            self.changes.notify()

    def has_ended(self, number: int) -> bool:
        """Whether a line's state is final."""
        return self.states[number - 1] in FINAL_STATES

    def cancel(self, at: float) -> None:
        """Note that nothing more is to be sent."""
        if self.cancelled_at is None:
            self.cancelled_at = at
            self.cancelled.set()
            self.changes.notify()

    def release(self) -> None:
        """Execute no more; those who wait for it read the store from now on."""
        self.has_let_go = True
        if self.task is not None:
            self.task.cancel()
        self.changes.notify()

    def end(self) -> None:
        """Note that every line has ended."""
        self.is_ended = True
        self.changes.notify()

    async def wait_ended(self) -> None:
        """Wait until it has ended, or is executed here no more."""
        while not (self.is_ended or self.has_let_go):
            await self.changes.next_event().wait()
