"""The batches that this process executes, and the states of their lines."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.operations.change_notifier import ChangeNotifier
from gateway.operations.execution_registry import ExecutionRegistry
from gateway.operations.model.batch import (
    FINAL_STATES,
    BatchCancellation,
    BatchRecord,
    parse_line_number,
)
from gateway.operations.running_operation import RunningOperation
from gateway.operations.store.base import Claim, StoreUnavailable
from gateway.operations.store_session import StoreSession
from schema.batch import BatchState
from schema.operation import OperationState

_CANCELLATION_POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class BatchSnapshot:
    """The state of a batch at one moment.

    Attributes:
        states: the states of the lines, in their order.
        is_final: whether the result of the batch is stored.
    """

    record: BatchRecord
    states: Sequence[OperationState]
    updated_at: float
    cancelled_at: float | None
    is_final: bool = False

    @property
    def state(self) -> BatchState:
        if not self.is_final:
            return BatchState.RUNNING if self.cancelled_at is None else BatchState.CANCELLING
        was_cancelled = OperationState.CANCELLED in self.states
        return BatchState.CANCELLED if was_cancelled else BatchState.COMPLETED


class RunningBatch:
    """A batch that this process executes. States of lines are updated once they are stored.

    Attributes:
        is_loaded: whether the states of lines that were recorded before a restart are known.
        is_finishing: whether its result is being stored; other processes may read it already.
        is_released: whether another process executes it now, or this one has stopped.
        is_ended: whether its result is stored.
        task: the task that executes it.
        changes: notified of new states of lines, of a cancellation, and of the end.
        cancellation_read_at: when the store was last asked whether the batch is cancelled.
    """

    def __init__(self, record: BatchRecord, claim: Claim) -> None:
        self.record = record
        self.claim = claim
        self.is_loaded = False
        self.is_finishing = False
        self.is_released = False
        self.is_ended = False
        self.states = [OperationState.QUEUED] * len(record.lines)
        self.updated_at = record.created_at
        self.cancelled_at: float | None = None
        self.cancellation_read_at = -math.inf
        self.task: asyncio.Task[object] | None = None
        self.cancelled = asyncio.Event()
        self.changes = ChangeNotifier()

    @property
    def snapshot(self) -> BatchSnapshot:
        return BatchSnapshot(self.record, tuple(self.states), self.updated_at, self.cancelled_at)

    def set_state(self, number: int, state: OperationState, at: float) -> None:
        """Set the state of a line; numbers start at 1."""
        if self.states[number - 1] is not state:
            self.states[number - 1] = state
            self.updated_at = max(self.updated_at, at)
            self.changes.notify()

    def has_ended(self, number: int) -> bool:
        """Whether the state of a line is final."""
        return self.states[number - 1] in FINAL_STATES

    def cancel(self, at: float) -> None:
        if self.cancelled_at is None:
            self.cancelled_at = at
            self.cancelled.set()
            self.changes.notify()

    def release(self) -> None:
        """Stop executing the batch. Tasks that wait for it read the store from now on."""
        self.is_released = True
        if self.task is not None:
            self.task.cancel()
        self.changes.notify()

    def end(self) -> None:
        self.is_ended = True
        self.changes.notify()

    async def wait_ended(self) -> None:
        """Wait until the result is stored, or this process no longer executes the batch."""
        while not (self.is_ended or self.is_released):
            await self.changes.next_event().wait()


class RunningBatches(ExecutionRegistry[RunningBatch]):
    """The batches that this process executes, by id, and the methods that their lines call."""

    def __init__(self, session: StoreSession, clock: Clock) -> None:
        super().__init__(session.lease)
        self._session = session
        self._clock = clock

    def get_current(self, batch_id: str) -> RunningBatch | None:
        """Return a batch, if the states in memory are certainly the same as those in the store."""
        batch = self.get_owned(batch_id)
        return batch if batch is not None and batch.is_loaded and not batch.is_finishing else None

    def update_line(self, operation: RunningOperation) -> None:
        """If the operation is a line of a batch, copy its state to the batch."""
        if operation.record.batch_id is None:
            return
        line = parse_line_number(operation.record.id)
        batch = self.get(operation.record.batch_id)
        if line is not None and batch is not None:
            snapshot = operation.snapshot
            batch.set_state(line[1], snapshot.state, snapshot.updated_at)

    async def is_cancelled(self, batch_id: str) -> bool:
        """Whether any process has cancelled the batch. Reads the store at most once a second."""
        batch = self.get(batch_id)
        if batch is None:
            return await self._read_cancellation(batch_id) is not None
        now = self._clock.wall()
        if batch.cancelled_at is None and now >= batch.cancellation_read_at + _CANCELLATION_POLL_S:
            batch.cancellation_read_at = now
            cancellation = await self._read_cancellation(batch_id)
            if cancellation is not None:
                batch.cancel(cancellation.at)
        return batch.cancelled_at is not None

    async def wait_cancelled(self, batch_id: str) -> None:
        """Wait until this process learns that a batch is cancelled."""
        batch = self.get(batch_id)
        await (asyncio.Event() if batch is None else batch.cancelled).wait()

    async def _read_cancellation(self, batch_id: str) -> BatchCancellation | None:
        try:
            stored = await self._session.store.get_batch(batch_id)
        except StoreUnavailable as error:
            # Harmless: while the store is unavailable, no attempt can be announced either.
            self._session.health.record_failure(str(error))
            return None
        return None if stored is None else stored.cancellation
