"""Opens the store, renews the lease, and takes over operations of processes that ended."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import structlog

from gateway.operations.batch_runtime import BatchRuntime
from gateway.operations.executor import OperationExecutor
from gateway.operations.running_operation import RunningOperation
from gateway.operations.store.base import StoredBatch, StoreUnavailable, Takeover
from gateway.operations.store.lease import loop_time
from gateway.operations.store_session import StoreSession

LOG: Final = structlog.get_logger("gateway.operations")

# How long the database may take to commit a write whose response was lost.
_UNCONFIRMED_S: Final = 60.0


class Maintenance:
    """Renews the lease and takes over operations, in a task that runs every few seconds.

    Attributes:
        on_counted: called each time with the number of processes that have a lease.
    """

    def __init__(
        self,
        session: StoreSession,
        executor: OperationExecutor,
        batches: BatchRuntime,
        renew_every_s: float,
    ) -> None:
        self._session = session
        self._executor = executor
        self._batches = batches
        self._renew_every_s = renew_every_s
        self._task: asyncio.Task[None] | None = None
        self.on_counted: Callable[[int], None] = lambda count: None

    async def start(self) -> None:
        await self._run_once()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @contextlib.asynccontextmanager
    async def keeping_lease(self) -> AsyncIterator[None]:
        """Renew the lease during the block, when the task itself has already stopped."""
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            with contextlib.suppress(StoreUnavailable):
                await self._session.lease.renew()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            await self._run_once()

    async def _run_once(self) -> None:
        session = self._session
        try:
            if session.health.closed_reason is not None:
                await session.open()
            elif not await session.lease.renew():
                LOG.warning("another process took over the operations of this one")
                self._executor.running.release_all()
                self._batches.release_all()
                await session.lease.acquire()
            session.health.record_write()
            await session.preview_key.load()
            await self._take_over()
        except StoreUnavailable as error:
            if error.may_be_stored:  # a takeover, which this process then owns unknowingly
                session.note_unconfirmed()
            self._note_unavailable(str(error))
        except Exception as fault:  # the next run may succeed
            LOG.error("maintenance of operations failed", exc_info=fault)
            self._note_unavailable(str(fault))

    def _note_unavailable(self, reason: str) -> None:
        health = self._session.health
        if health.closed_reason is None:
            health.record_failure(reason)
        else:
            health.close_unopened(reason)

    async def _take_over(self) -> None:
        """Execute operations of dead processes, and own ones that are not executed yet."""
        await self._reclaim_unconfirmed()
        store, lease = self._session.store, self._session.lease
        expired = await lease.expired_others()
        self.on_counted(lease.process_count)
        while taken_over := await store.take_over(lease.process, expired):
            LOG.warning("resumes operations of another process", count=len(taken_over))
            self._adopt(taken_over)

    async def _reclaim_unconfirmed(self) -> None:
        session = self._session
        unconfirmed_at, started_at = session.unconfirmed_at, loop_time()
        if unconfirmed_at is None:
            return
        executed = {*self._executor.running.ids, *self._batches.running_ids}
        self._adopt(await session.store.reclaim(session.lease.process, executed))
        is_last = started_at >= unconfirmed_at + _UNCONFIRMED_S
        if is_last and session.unconfirmed_at == unconfirmed_at:
            session.unconfirmed_at = None

    def _adopt(self, taken_over: Sequence[Takeover]) -> None:
        for each in taken_over:
            if isinstance(each.stored, StoredBatch):
                self._batches.resume(each.claim, each.stored)
            else:
                steps = list(each.stored.steps)
                self._executor.execute(RunningOperation(each.stored.record, each.claim, steps))
