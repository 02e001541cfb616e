"""Reads operations and batches: from memory while this process executes them, else the store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

from gateway.clock import Clock
from gateway.operations.execution_registry import ExecutionRegistry
from gateway.operations.model.batch import line_id, parse_line_number
from gateway.operations.model.steps import OperationOutcome, OperationResult
from gateway.operations.running_batch import BatchSnapshot, RunningBatches
from gateway.operations.running_operation import RunningOperation
from gateway.operations.snapshot import OperationSnapshot, replay, with_settlement
from gateway.operations.store.base import (
    OperationFilter,
    StoredBatch,
    StoredOperation,
    StoreUnavailable,
)
from gateway.operations.store_session import StoreSession
from schema.operation import OperationState

_REMOTE_POLL_S: Final = 0.5


class OperationReader:
    """Reads operations and batches from memory if this process executes them, else from the store.

    Every method raises OperationsUnavailable if the store cannot be read.
    """

    def __init__(
        self,
        session: StoreSession,
        running: ExecutionRegistry[RunningOperation],
        batches: RunningBatches,
        clock: Clock,
    ) -> None:
        self._session = session
        self._running = running
        self._batches = batches
        self._clock = clock

    def find_running(self, operation_id: str) -> RunningOperation | None:
        """Return an operation if this process executes it and no other can have taken it over."""
        return self._running.get_owned(operation_id)

    async def get(self, operation_id: str) -> OperationSnapshot | None:
        """Return an operation, or a line of a batch that has not started; None if there is none."""
        running = self.find_running(operation_id)
        if running is not None and not running.is_finishing:
            return running.snapshot
        async with self._reading():
            stored = await self._session.store.get(operation_id)
            if stored is None:
                return await self._get_unstarted_line(operation_id)
            return self._to_snapshot(stored)

    async def get_many(self, operation_ids: Sequence[str]) -> list[OperationSnapshot]:
        """Return operations in the order of the ids, leaving out unknown ones."""
        snapshots = [await self.get(operation_id) for operation_id in operation_ids]
        return [each for each in snapshots if each is not None]

    async def find(self, query: OperationFilter) -> list[OperationSnapshot]:
        """Return one page of operations, newest first."""
        async with self._reading():
            return [self._to_snapshot(stored) for stored in await self._session.store.find(query)]

    async def wait_ended(self, operation_id: str) -> OperationSnapshot | None:
        """Wait until an operation has ended, in any process, and return it; None if unknown."""
        while True:
            running = self._running.get(operation_id)
            if running is not None:
                await running.wait_ended()
                if running.result is not None:
                    return running.snapshot
            snapshot = await self.get(operation_id)
            if snapshot is None or snapshot.outcome is not None:
                return snapshot
            await self._clock.sleep(_REMOTE_POLL_S)

    async def get_batch(self, batch_id: str) -> BatchSnapshot | None:
        snapshot = await self._get_batch(batch_id)
        return None if snapshot is None else await self._with_settled_lines(snapshot)

    async def find_batches(self, query: OperationFilter) -> list[BatchSnapshot]:
        """Return one page of batches, newest first."""
        async with self._reading():
            stored = await self._session.store.find_batches(query)
        snapshots = [await self.get_batch(each.record.id) for each in stored]
        return [each for each in snapshots if each is not None]

    def _to_snapshot(self, stored: StoredOperation) -> OperationSnapshot:
        running = self.find_running(stored.record.id)
        if running is not None and stored.result is None:
            return running.snapshot
        snapshot = replay(stored.record, stored.steps, stored.result)
        if stored.audit is not None:
            snapshot = replace(snapshot, audit=stored.audit)
        if stored.settlement is not None and snapshot.state is OperationState.IN_DOUBT:
            return with_settlement(snapshot, stored.settlement)
        return snapshot

    async def _get_batch(self, batch_id: str) -> BatchSnapshot | None:
        """Read a batch; lines in doubt may have been settled since."""
        running = self._batches.get_current(batch_id)
        if running is not None:
            return running.snapshot
        async with self._reading():
            stored = await self._session.store.get_batch(batch_id)
            return None if stored is None else await self._to_batch_snapshot(stored)

    async def _to_batch_snapshot(self, stored: StoredBatch) -> BatchSnapshot:
        record, result = stored.record, stored.result
        cancelled_at = None if stored.cancellation is None else stored.cancellation.at
        if result is not None:
            return BatchSnapshot(record, result.states, result.at, cancelled_at, is_final=True)
        recorded = await self._session.store.read_line_states(record.id)
        states = [
            recorded.get(number) or OperationState.QUEUED
            for number in range(1, len(record.lines) + 1)
        ]
        return BatchSnapshot(record, states, record.created_at, cancelled_at)

    async def _with_settled_lines(self, batch: BatchSnapshot) -> BatchSnapshot:
        numbers = [n for n, state in enumerate(batch.states, 1) if state is OperationState.IN_DOUBT]
        if not numbers:
            return batch
        states = list(batch.states)
        ids = [line_id(batch.record.id, number) for number in numbers]
        for operation in await self.get_many(ids):
            line = parse_line_number(operation.record.id)
            if line is not None:
                states[line[1] - 1] = operation.state
        return replace(batch, states=states)

    async def _get_unstarted_line(self, operation_id: str) -> OperationSnapshot | None:
        line = parse_line_number(operation_id)
        batch = None if line is None else await self._get_batch(line[0])
        if line is None or batch is None or not 1 <= line[1] <= len(batch.states):
            return None
        record = batch.record.line(line[1], batch.record.created_at)
        is_cancelled = batch.states[line[1] - 1] is OperationState.CANCELLED
        if not (is_cancelled and batch.is_final):  # other processes see it cancelled only then
            return replay(record, (), None)
        at = batch.cancelled_at or batch.updated_at
        outcome = OperationOutcome(state=OperationState.CANCELLED, at=at)
        return replay(record, (), OperationResult(outcome=outcome))

    @contextlib.asynccontextmanager
    async def _reading(self) -> AsyncIterator[None]:
        """Limit the time of a read, and translate its errors."""
        health, timeout_s = self._session.health, self._session.timeouts.read_s
        await health.require_open()
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError:
            reason = f"the database has not responded within {timeout_s:g} s"
            raise health.read_error(reason) from None
        except StoreUnavailable as error:
            raise health.read_error(str(error)) from error
