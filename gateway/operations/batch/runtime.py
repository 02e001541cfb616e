"""The batches of this process: recorded, executed, cancelled, and told where they stand."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar

import structlog

from gateway.operations.activities import Clock
from gateway.operations.batch.runner import BatchRunner, LineExecutor
from gateway.operations.batch.running_batch import RunningBatch
from gateway.operations.batch.snapshot import BatchSnapshot
from gateway.operations.model.batch import (
    BatchCancellation,
    BatchRecord,
    BatchResult,
    line_id,
    parse_line_number,
)
from gateway.operations.model.steps import OperationOutcome, OperationResult
from gateway.operations.reader import OperationReader
from gateway.operations.snapshot import OperationSnapshot, replay
from gateway.operations.store.base import (
    Claim,
    OperationFilter,
    OperationStore,
    OwnershipLost,
    StoredBatch,
    StoreUnavailable,
)
from gateway.operations.store.health import StoreHealth
from gateway.operations.submission_queue import SubmissionQueue
from resolvers.ports.errors import KeyReused
from schema.operation import OperationState

LOG: Final = structlog.get_logger("gateway.operations")

T = TypeVar("T")

_ELSEWHERE_POLL_S: Final = 0.5
_TOLD_EVERY_S: Final = 0.2
_ASKED_EVERY_S: Final = 1.0
_AGAIN_S: Final = 1.0


class BatchOperations(LineExecutor, Protocol):
    """What batches need of the operations of this process."""

    @property
    def store(self) -> OperationStore:
        """Where batches are stored."""
        ...

    @property
    def health(self) -> StoreHealth:
        """Whether that can be written."""
        ...

    @property
    def reader(self) -> OperationReader:
        """Tells where their lines stand."""
        ...

    @property
    def process_run_id(self) -> str:
        """The id of this run of the process."""
        ...

    @property
    def may_send(self) -> bool:
        """Whether no other process can have taken over what this one executes."""
        ...

    async def confirm_write(self, writing: Awaitable[T]) -> T:
        """Write; raises OperationsUnavailable, and looks later for what may be stored."""
        ...

    async def snapshots_of(self, operation_ids: Sequence[str]) -> list[OperationSnapshot]:
        """Tell where operations stand that are known, in the order asked."""
        ...


class BatchRuntime:
    """The batches of this process."""

    def __init__(self, operations: BatchOperations, clock: Clock) -> None:
        self.clock = clock
        self._operations = operations
        self._store = operations.store
        self._live: dict[str, RunningBatch] = {}
        self._submissions: SubmissionQueue[BatchRecord] = SubmissionQueue(operations.health)
        self._lanes = BatchRunner(operations, self._store.line_states, self.is_cancelled, clock)

    async def stop(self, grace_s: float) -> None:
        """Begin no more lines; the next start goes on."""
        await self._submissions.drain(grace_s)
        self.release_all()

    def release_all(self) -> None:
        """Stop executing everything: it belongs to others."""
        for live in list(self._live.values()):
            live.release()
        self._live.clear()

    async def submit(self, record: BatchRecord) -> BatchRecord:
        """Record a batch and execute it, unless its id is recorded already; returns which is.

        Raises:
            KeyReused: the id is an operation's.
            OperationsUnavailable: it cannot be recorded, or that is not known in time.
        """
        return await self._submissions.submit_once(record.id, lambda: self._submit(record))

    async def _submit(self, record: BatchRecord) -> BatchRecord:
        live = self._live.get(record.id)
        if live is not None:
            return live.record
        await self._operations.health.require_writable()
        writing = self._store.record_batch(record, self._operations.process_run_id)
        claim = await self._operations.confirm_write(writing)
        if claim is not None:
            self._execute(RunningBatch(record, claim), is_new=True)
            return record
        stored = await self._operations.confirm_write(self._store.get_batch(record.id))
        if stored is None:  # an operation has the id
            raise KeyReused
        return stored.record

    @property
    def running_ids(self) -> Collection[str]:
        """The ids of those that this process executes."""
        return self._live.keys()

    def resume(self, claim: Claim, stored: StoredBatch) -> None:
        """Execute a batch that another process has left, unless this one does already."""
        live = RunningBatch(stored.record, claim)
        if stored.cancellation is not None:
            live.cancel(stored.cancellation.at)
        self._execute(live)

    def _execute(self, live: RunningBatch, *, is_new: bool = False) -> None:
        current = self._live.get(live.record.id)
        if current is not None:
            if current.claim.epoch >= live.claim.epoch:  # it was found among what is owned
                return
            current.release()  # by a run of this process that lost its lease
        live.is_loaded = is_new
        self._live[live.record.id] = live
        live.task = asyncio.create_task(self._run(live), context=contextvars.Context())

    async def _run(self, live: RunningBatch) -> None:
        """Execute a batch to its stored end, or until it belongs to another process."""
        try:
            await self._lanes.run(live)
            ended = BatchResult(at=self.clock.wall(), states=tuple(live.states))
            live.is_ending = True
            await self._store_with_retries(lambda: self._store.finish_batch(live.claim, ended))
        except OwnershipLost:
            live.release()
        else:
            live.end()
            LOG.info("batch ended", batch_id=live.record.id, lines=len(live.states))
        finally:
            if self._live.get(live.record.id) is live:
                del self._live[live.record.id]

    async def _store_with_retries(self, write: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await write()
            except StoreUnavailable as error:
                self._operations.health.record_failure(str(error))
            await self.clock.sleep(_AGAIN_S)

    def notify(self, line: OperationSnapshot) -> None:
        """Note how far a line is."""
        place = parse_line_number(line.record.id)
        live = None if place is None else self._live.get(place[0])
        if place is not None and live is not None:
            live.set_state(place[1], line.state, line.updated_at)

    async def is_cancelled(self, batch_id: str) -> bool:
        """Whether nothing more of a batch is to be sent, whoever has said so, and where."""
        live = self._live.get(batch_id)
        if live is None:
            return await self._cancellation(batch_id) is not None
        now = self.clock.wall()
        if live.cancelled_at is None and now >= live.asked_at + _ASKED_EVERY_S:
            # Another process may have recorded it.
            live.asked_at = now
            cancellation = await self._cancellation(batch_id)
            if cancellation is not None:
                live.cancel(cancellation.at)
        return live.cancelled_at is not None

    async def cancellation(self, batch_id: str) -> None:
        """Wait until a batch is cancelled, here."""
        live = self._live.get(batch_id)
        await (asyncio.Event() if live is None else live.cancelled).wait()

    async def cancel(self, wanted: BatchCancellation) -> None:
        """Send nothing more of a batch. Raises OperationsUnavailable."""
        await self._operations.health.require_writable()
        await self._operations.confirm_write(self._store.cancel_batch(wanted))
        live = self._live.get(wanted.batch_id)
        if live is not None:
            live.cancel(wanted.at)

    async def _cancellation(self, batch_id: str) -> BatchCancellation | None:
        try:
            stored = await self._store.get_batch(batch_id)
        except StoreUnavailable as error:  # nothing of it can be announced now either
            self._operations.health.record_failure(str(error))
            return None
        return None if stored is None else stored.cancellation

    def _known(self, batch_id: str) -> RunningBatch | None:
        """Return a batch that is executed here, for certain, with the states of its lines."""
        live = self._live.get(batch_id)
        if live is None or live.is_ending or not live.is_loaded:
            return None
        return live if self._operations.may_send else None

    async def get(self, batch_id: str) -> BatchSnapshot | None:
        """Tell where a batch stands; None when there is none. Raises OperationsUnavailable."""
        live = self._known(batch_id)
        if live is not None:
            found = BatchSnapshot(
                live.record, tuple(live.states), live.updated_at, live.cancelled_at
            )
            return await self._with_settlements(found)
        async with self._operations.reader.guard():
            stored = await self._store.get_batch(batch_id)
            return (
                None
                if stored is None
                else await self._with_settlements(await self._to_snapshot(stored))
            )

    async def find(self, wanted: OperationFilter) -> list[BatchSnapshot]:
        """Tell where batches stand, newest first. Raises OperationsUnavailable."""
        async with self._operations.reader.guard():
            stored = await self._store.find_batches(wanted)
        found = [await self.get(each.record.id) for each in stored]
        return [each for each in found if each is not None]

    async def _to_snapshot(self, stored: StoredBatch) -> BatchSnapshot:
        record, cancellation = stored.record, stored.cancellation
        cancelled_at = None if cancellation is None else cancellation.at
        if stored.ended is not None:
            ended = stored.ended
            return BatchSnapshot(record, ended.states, ended.at, cancelled_at, is_final=True)
        begun = await self._store.line_states(record.id)
        states = [
            begun.get(number) or OperationState.QUEUED for number in range(1, len(record.lines) + 1)
        ]
        return BatchSnapshot(record, states, record.created_at, cancelled_at)

    async def _with_settlements(self, found: BatchSnapshot) -> BatchSnapshot:
        """Add what somebody found out about lines in doubt."""
        doubts = [n for n, state in enumerate(found.states, 1) if state is OperationState.IN_DOUBT]
        if not doubts:
            return found
        states = list(found.states)
        ids = [line_id(found.record.id, number) for number in doubts]
        for line in await self._operations.snapshots_of(ids):
            place = parse_line_number(line.record.id)
            if place is not None:
                states[place[1] - 1] = line.state
        return replace(found, states=states)

    async def find_unstarted_line(self, operation_id: str) -> OperationSnapshot | None:
        """Tell where a line stands whose turn has not come; None when there is no such line."""
        place = parse_line_number(operation_id)
        found = None if place is None else await self.get(place[0])
        if place is None or found is None or not 1 <= place[1] <= len(found.states):
            return None
        record = found.record.line(place[1], found.record.created_at)
        is_cancelled = found.states[place[1] - 1] is OperationState.CANCELLED
        if not (is_cancelled and found.is_final):  # only then other processes say so too
            return replay(record, (), None)
        at = found.cancelled_at or found.updated_at
        return replay(
            record,
            (),
            OperationResult(outcome=OperationOutcome(state=OperationState.CANCELLED, at=at)),
        )

    async def wait_ended(self, batch_id: str) -> None:
        """Wait until a batch has ended, here or in another process."""
        while True:
            live = self._live.get(batch_id)
            if live is not None:
                await live.wait_ended()
                if live.is_ended:
                    return
            found = await self.get(batch_id)
            if found is None or found.is_final:
                return
            await self.clock.sleep(_ELSEWHERE_POLL_S)

    async def watch(self, batch_id: str) -> AsyncGenerator[BatchSnapshot, None]:
        """Yield a batch as it stands and after changes, several at once; its end is the last."""
        while True:
            live = self._known(batch_id)
            # Taken before the batch is read, so that no change falls between.
            change = None if live is None else live.changes.next_event()
            found = await self.get(batch_id)
            if found is None:
                return
            yield found
            if found.is_final:
                return
            if change is not None:
                await change.wait()
            await self.clock.sleep(_TOLD_EVERY_S if change else _ELSEWHERE_POLL_S)
