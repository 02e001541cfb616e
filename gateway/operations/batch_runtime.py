"""The batches of this process: submits, executes, cancels and watches them."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Collection
from typing import Final

import structlog

from gateway.clock import Clock
from gateway.operations.batch_runner import BatchRunner
from gateway.operations.executor import OperationExecutor
from gateway.operations.model.batch import BatchCancellation, BatchRecord, BatchResult
from gateway.operations.reader import OperationReader
from gateway.operations.running_batch import BatchSnapshot, RunningBatch, RunningBatches
from gateway.operations.store.base import Claim, OwnershipLost, StoredBatch
from gateway.operations.store_session import StoreSession
from gateway.operations.submission_queue import SubmissionQueue
from resolvers.ports.errors import KeyReused

LOG: Final = structlog.get_logger("gateway.operations")

_REMOTE_POLL_S: Final = 0.5
_MIN_EVENT_INTERVAL_S: Final = 0.2


class BatchRuntime:
    """Submits, executes, cancels and watches batches in this process.

    Methods that read or write the store raise OperationsUnavailable.
    """

    def __init__(
        self,
        session: StoreSession,
        executor: OperationExecutor,
        reader: OperationReader,
        running: RunningBatches,
        clock: Clock,
    ) -> None:
        self._session = session
        self._reader = reader
        self._running = running
        self._clock = clock
        self._submissions: SubmissionQueue[BatchRecord] = SubmissionQueue(session.health)
        self._runner = BatchRunner(session, executor, reader, running, clock)

    async def stop(self, grace_s: float) -> None:
        """Start no more lines. Another process continues the batches."""
        await self._submissions.drain(grace_s)
        self.release_all()

    def release_all(self) -> None:
        self._running.release_all()

    async def submit(self, record: BatchRecord) -> BatchRecord:
        """Record a batch and execute it; if its id is recorded, only return that record.

        Raises KeyReused if an operation has the id.
        """
        return await self._submissions.submit_once(record.id, lambda: self._submit(record))

    async def _submit(self, record: BatchRecord) -> BatchRecord:
        running = self._running.get(record.id)
        if running is not None:
            return running.record
        session = self._session
        await session.health.require_writable()
        claim = await session.confirm(session.store.record_batch(record, session.lease.process))
        if claim is not None:
            batch = RunningBatch(record, claim)
            batch.is_loaded = True
            self._execute(batch)
            return record
        stored = await session.confirm(session.store.get_batch(record.id))
        if stored is None:
            raise KeyReused
        return stored.record

    @property
    def running_ids(self) -> Collection[str]:
        return self._running.ids

    def resume(self, claim: Claim, stored: StoredBatch) -> None:
        """Execute a batch that this process has taken over, unless it is being executed."""
        batch = RunningBatch(stored.record, claim)
        if stored.cancellation is not None:
            batch.cancel(stored.cancellation.at)
        self._execute(batch)

    async def cancel(self, cancellation: BatchCancellation) -> None:
        """Store a cancellation; no line starts afterwards."""
        session = self._session
        await session.health.require_writable()
        await session.confirm(session.store.cancel_batch(cancellation))
        batch = self._running.get(cancellation.batch_id)
        if batch is not None:
            batch.cancel(cancellation.at)

    async def wait_ended(self, batch_id: str) -> None:
        """Wait until a batch has ended, in any process."""
        while True:
            batch = self._running.get(batch_id)
            if batch is not None:
                await batch.wait_ended()
                if batch.is_ended:
                    return
            snapshot = await self._reader.get_batch(batch_id)
            if snapshot is None or snapshot.is_final:
                return
            await self._clock.sleep(_REMOTE_POLL_S)

    async def watch(self, batch_id: str) -> AsyncGenerator[BatchSnapshot, None]:
        """Yield the state of a batch now and after changes; quick changes are combined.

        The last state is the final one.
        """
        while True:
            batch = self._running.get_current(batch_id)
            # The event is taken before the batch is read, so that no change is missed in between.
            change = None if batch is None else batch.changes.next_event()
            snapshot = await self._reader.get_batch(batch_id)
            if snapshot is None:
                return
            yield snapshot
            if snapshot.is_final:
                return
            if change is not None:
                await change.wait()
            await self._clock.sleep(_MIN_EVENT_INTERVAL_S if change else _REMOTE_POLL_S)

    def _execute(self, batch: RunningBatch) -> None:
        if self._running.add(batch):
            batch.task = asyncio.create_task(self._run(batch), context=contextvars.Context())

    async def _run(self, batch: RunningBatch) -> None:
        """Execute a batch until its result is stored, or another process owns it."""
        try:
            await self._runner.run(batch)
            result = BatchResult(at=self._clock.wall(), states=tuple(batch.states))
            batch.is_finishing = True
            await self._session.retry(lambda: self._session.store.finish_batch(batch.claim, result))
        except OwnershipLost:
            batch.release()
        else:
            batch.end()
            LOG.info("batch ended", batch_id=batch.record.id, lines=len(batch.states))
        finally:
            self._running.remove(batch)
