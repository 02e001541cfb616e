"""Executes operations: one for each principal and idempotency key, to its end, through restarts."""

import asyncio
import contextlib
import contextvars
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, TypeVar

import structlog

from gateway.operations.activities import Clock, OperationActivities
from gateway.operations.batch.runtime import BatchRuntime
from gateway.operations.batch.slots import BatchSlots
from gateway.operations.caller_presence import CallerPresence
from gateway.operations.journal import StoredJournal
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import (
    AttemptIntended,
    CheckResult,
    Failure,
    OperationResult,
    SendResult,
    Settlement,
)
from gateway.operations.policy.seat_quota import SeatQuota
from gateway.operations.preview_key import PreviewKey
from gateway.operations.reader import OperationReader
from gateway.operations.rival_operations import RECENT_S, RivalOperations
from gateway.operations.running_operation import RunningOperation
from gateway.operations.snapshot import OperationSnapshot, failed_by_fault, find_reference
from gateway.operations.store.base import (
    OperationStore,
    OwnershipLost,
    StoredBatch,
    StoreUnavailable,
    TakenOver,
)
from gateway.operations.store.health import StoreHealth, StoreTimeouts
from gateway.operations.store.lease import ProcessLease
from gateway.operations.streams import OperationStreams
from gateway.operations.subject_conflict import conflict_failure
from gateway.operations.submission_queue import SubmissionQueue
from gateway.operations.workflow import OperationWorkflow
from resolvers.ports.errors import KeyReused

LOG: Final = structlog.get_logger("gateway.operations")

T = TypeVar("T")

_REMOTE_POLL_S: Final = 0.5
_RENEW_EVERY_S: Final = 3.0
_UNCONFIRMED_S: Final = 60.0
_INITIAL_RETRY_S: Final = 0.1
_MAX_RETRY_S: Final = 5.0
_NO_WRITES: Final = "the database does not take writes at the moment"
_SHUTTING_DOWN: Final = "the gateway is shutting down"


class OperationRuntime:
    """The operations that this process executes.

    Attributes:
        reader: tells where operations stand, those of other processes too.
        seats: how many each principal has asked for, in all processes.

    Args:
        lines_at_once: lines of batches that work at the same time.
        renew_every_s: how often the lease is renewed, and dead processes are looked for.
    """

    def __init__(
        self,
        store: OperationStore,
        partner: OperationActivities,
        clock: Clock,
        *,
        lines_at_once: int,
        timeouts: StoreTimeouts,
        renew_every_s: float = _RENEW_EVERY_S,
    ) -> None:
        self.activities = partner
        self.clock = clock
        self.caller_presence = CallerPresence()
        self.store = store
        self._lease = ProcessLease(store, self.new_id)
        self.health = StoreHealth(self._lease.renew, timeouts, monotonic)
        self.seats = SeatQuota(store, clock, self.health)
        self.preview_key = PreviewKey(store, self.health)
        self._batch_slots = BatchSlots(lines_at_once)
        self._workflows = OperationWorkflow(partner, self, clock, self.new_id)
        self._running: dict[str, RunningOperation] = {}
        self._submissions: SubmissionQueue[OperationRecord] = SubmissionQueue(self.health)
        self.reader = OperationReader(
            store, self.health, self.running, self._find_unstarted_line, timeouts
        )
        self.batches = BatchRuntime(self, clock)
        self.streams = OperationStreams(self.reader, clock)
        self._renew_every_s = renew_every_s
        self._maintaining: asyncio.Task[None] | None = None
        # When a write was last not confirmed: it may leave operations that nobody executes.
        self._unconfirmed_at: float | None = None

    @staticmethod
    def new_id() -> str:
        """Make a request id, a correlation id, or the name of a run."""
        return str(uuid.uuid4())

    async def start(self) -> None:
        """Open the store and resume what is open; until it is open, only reads are served."""
        await self._maintain_once()
        self._maintaining = asyncio.create_task(self._maintain())

    async def _maintain(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            await self._maintain_once()

    async def _maintain_once(self) -> None:
        """Open the store if it is not, keep the lease, and take over what dead processes left."""
        try:
            if self.health.closed is not None:
                await self._open()
            elif not await self._lease.renew():
                LOG.warning("another process took over the operations of this one")
                self._release_all()
                await self._lease.acquire()
            self.health.record_write()
            await self.preview_key.load()
            await self._take_over()
        except StoreUnavailable as error:
            if error.may_be_stored:  # what was taken over without an answer
                self._note_unconfirmed()
            self._note_unavailable(str(error))
        except Exception as fault:  # of ours, which may pass
            LOG.error("operations cannot be looked after", exc_info=fault)
            self._note_unavailable(str(fault))

    def _note_unavailable(self, reason: str) -> None:
        if self.health.closed is None:
            self.health.record_failure(reason)
        else:
            self.health.close_unopened(reason)

    async def _open(self) -> None:
        await self.store.open()
        await self._lease.acquire()
        await self.preview_key.load()
        self.health.open()

    async def _take_over(self) -> None:
        """Execute what dead processes left, and what this one owns without executing it."""
        unconfirmed_at, begun_at = self._unconfirmed_at, monotonic()
        if unconfirmed_at is not None:
            executed = {*self._running, *self.batches.running_ids}
            self._adopt(await self.store.reclaim(self._lease.process, executed))
            is_last_look = begun_at >= unconfirmed_at + _UNCONFIRMED_S
            if is_last_look and self._unconfirmed_at == unconfirmed_at:
                self._unconfirmed_at = None
        expired = await self._lease.expired_others()
        while taken := await self.store.take_over(self._lease.process, expired):
            LOG.warning("resumes operations that another process left", count=len(taken))
            self._adopt(taken)

    def _adopt(self, found: Sequence[TakenOver]) -> None:
        for each in found:
            if isinstance(each.stored, StoredBatch):
                self.batches.resume(each.claim, each.stored)
            else:
                steps = list(each.stored.steps)
                self._execute(RunningOperation(each.stored.record, each.claim, steps))

    def _release_all(self) -> None:
        """Stop executing everything: it belongs to others."""
        for running in list(self._running.values()):
            running.release()
        self._running.clear()
        self.batches.release_all()

    async def stop(self, grace_s: float) -> None:
        """Take no more; give what is on its way so long to be answered; leave the rest recorded."""
        if self._maintaining is not None:
            self._maintaining.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._maintaining
        was_open = self.health.closed is None
        self.health.close(_SHUTTING_DOWN)
        if was_open:
            await self._submissions.drain(grace_s)
            await self.batches.stop(grace_s)
            await self._finish_sending(grace_s)
            tasks = [each.task for each in self._running.values() if each.task is not None]
            self._release_all()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(grace_s):
                    await self._lease.release()
        await self.store.close()

    async def _finish_sending(self, grace_s: float) -> None:
        """Wait for responses to what is on its way; the lease is kept meanwhile."""
        sending = [each.task for each in self._running.values() if each.is_sending and each.task]
        if not sending:
            return
        keeping = asyncio.create_task(self._keep_lease())
        await asyncio.wait(sending, timeout=grace_s)
        keeping.cancel()

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            with contextlib.suppress(StoreUnavailable):
                await self._lease.renew()

    @property
    def is_starting(self) -> bool:
        """Whether what needs the store is kept waiting, until it is known if it can be opened."""
        return self.health.is_starting

    async def unavailable_reason(self) -> str | None:
        """Say why nothing can be recorded now; None when it can."""
        return await self.health.unavailable_reason()

    async def submit(self, record: OperationRecord) -> OperationRecord:
        """Record an operation and execute it, unless its id is recorded already.

        Returns the record that is stored. Raises OperationsUnavailable when it could not be
        recorded, or when that is not known in time; then the operation may be executed later.
        """
        return await self._submissions.submit_once(record.id, lambda: self._submit(record))

    async def _submit(self, record: OperationRecord) -> OperationRecord:
        running = self._running.get(record.id)
        if running is not None:
            return running.record
        await self.health.require_writable()
        return await self.record_and_execute(record)

    async def record_and_execute(self, record: OperationRecord) -> OperationRecord:
        """Record an operation that is probably new, and execute it; returns what is recorded.

        Raises:
            KeyReused: a batch has its id.
            BatchCancelled: it is a new line of a batch that was cancelled.
            OperationsUnavailable: it cannot be recorded, or perhaps was.
        """
        claim = await self.confirm_write(self.store.record(record, self._lease.process))
        if claim is not None:
            self._execute(RunningOperation(record, claim))
            return record
        stored = await self.confirm_write(self.store.get(record.id))
        if stored is None:  # a batch has the id
            raise KeyReused
        return stored.record

    async def confirm_write(self, writing: Awaitable[T]) -> T:
        """Translate a failure; what may be recorded without an answer is looked for later."""
        try:
            return await writing
        except StoreUnavailable as error:
            if error.may_be_stored:
                self._note_unconfirmed()
            raise self.health.unwritten(error) from error
        except asyncio.CancelledError:
            self._note_unconfirmed()
            raise

    def _note_unconfirmed(self) -> None:
        """Look for a while for what may be stored: the database may still be about to commit."""
        self._unconfirmed_at = monotonic()

    def _execute(self, running: RunningOperation) -> None:
        current = self._running.get(running.record.id)
        if current is not None:
            if current.claim.epoch >= running.claim.epoch:  # it was found among what is owned
                return
            current.release()  # by a run of this process that lost its lease
        self._running[running.record.id] = running
        # In a context of its own: it outlives the request that brought it.
        running.task = asyncio.create_task(self._run(running), context=contextvars.Context())

    async def _run(self, running: RunningOperation) -> None:
        """Execute an operation to its stored end, or until it belongs to another process."""
        record = running.record
        running.caller_returned.set()  # a call before this run, or in its replay, may be the last
        try:
            with self.caller_presence.subscribe(record.principal, running.caller_returned):
                async with self._batch_slots.slot(record):
                    ended = await self._run_workflow(running)
                running.is_ending = True
                await self._store_with_retries(
                    running, lambda: self.store.finish(running.claim, ended)
                )
        except OwnershipLost:
            LOG.warning("another process has taken over an operation", operation_id=record.id)
            running.release()
        else:
            running.set_result(ended)
            self._notify_batch(running)
            LOG.info("operation ended", operation_id=record.id, state=ended.outcome.state.name)
        finally:
            if self._running.get(record.id) is running:
                del self._running[record.id]

    async def _run_workflow(self, running: RunningOperation) -> OperationResult:
        try:
            return await self._workflows.run(running.record, StoredJournal(running, self._append))
        except OwnershipLost:
            raise
        except Exception as fault:
            LOG.error("operation failed", operation_id=running.record.id, exc_info=fault)
            return failed_by_fault(running.record, running.steps, self.clock.wall())

    async def _store_with_retries(
        self, running: RunningOperation, write: Callable[[], Awaitable[T]]
    ) -> T:
        """Repeat a write until the store takes it: what is not stored is told to nobody."""
        pause_s = _INITIAL_RETRY_S
        while True:
            try:
                written = await write()
            except StoreUnavailable as error:
                self.health.record_failure(str(error))
                running.block(_NO_WRITES)
            else:
                self.health.record_write()
                running.unblock()
                return written
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _MAX_RETRY_S)

    async def _append(self, running: RunningOperation, name: str, step: StoredStruct) -> None:
        """Store the end of a step, and note it."""
        number = len(running.steps)
        await self._store_with_retries(
            running, lambda: self.store.append(running.claim, number, name, step)
        )
        is_announced = isinstance(step, CheckResult | AttemptIntended) and step.intent is not None
        running.is_sending = is_announced and not isinstance(step, SendResult)
        running.add_step(step)
        self._notify_batch(running)

    def _notify_batch(self, running: RunningOperation) -> None:
        if running.record.batch_id is not None:
            self.batches.notify(running.snapshot)

    def records_with_reference(self, reference: str) -> list[OperationRecord]:
        """Return what follows something that the vendor has accepted, here and now."""
        wanted = reference.lower()
        return [
            running.record
            for running in self._running.values()
            if (find_reference(running.steps) or "").lower() == wanted
        ]

    def running(self, operation_id: str) -> RunningOperation | None:
        """Return an operation that is executed here, for certain."""
        return self._running.get(operation_id) if self._lease.is_valid else None

    async def _find_unstarted_line(self, operation_id: str) -> OperationSnapshot | None:
        return await self.batches.find_unstarted_line(operation_id)

    async def settle(self, settlement: Settlement) -> Settlement:
        """Record a settlement unless there is one; returns which is recorded."""
        await self.health.require_writable()
        return await self.confirm_write(self.store.settle(settlement))

    async def snapshots_of(self, operation_ids: Sequence[str]) -> list[OperationSnapshot]:
        """Tell where operations stand that are known, in the order asked."""
        return await self.reader.get_many(operation_ids)

    async def wait_ended(self, operation_id: str) -> OperationSnapshot | None:
        """Wait until an operation has ended, here or in another process; None if there is none."""
        while True:
            running = self._running.get(operation_id)
            if running is not None:
                await running.wait_ended()
                if running.result is not None:
                    return running.snapshot
            found = await self.reader.get(operation_id)
            if found is None or found.outcome is not None:
                return found
            await self.clock.sleep(_REMOTE_POLL_S)

    async def acquire_subject(self, record: OperationRecord) -> Failure | None:
        """Reserve what an order changes, unless another operation has it."""
        running = self._running[record.id]
        holder = await self._store_with_retries(
            running, lambda: self.store.acquire_subject(running.claim, record.subject)
        )
        return None if holder is None else conflict_failure(holder)

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        """Read the operations of a record's customer that may have bought what it looks for."""
        running = self._running[record.id]
        customer_id, since = record.order.customer_id, record.created_at - RECENT_S
        others = await self._store_with_retries(
            running, lambda: self.store.others_of_customer(running.claim, customer_id, since)
        )
        return RivalOperations(record, tuple(others))

    async def is_credited_to_another(self, record: OperationRecord, purchase: str) -> bool:
        """Credit a purchase to an operation; whether another one has it already."""
        running = self._running[record.id]
        buyer = await self._store_with_retries(
            running, lambda: self.store.credit(running.claim, purchase.lower())
        )
        return buyer != record.id

    @property
    def may_send(self) -> bool:
        """Whether this process still owns, for certain, what it executes."""
        return self._lease.is_valid

    @property
    def process_run_id(self) -> str:
        """The id of this run, which attempts are announced with."""
        return self._lease.process

    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        """Wait, or without a time until the principal calls again; let other lines work."""
        waiting: Coroutine[Any, Any, object] = (
            self._running[record.id].caller_returned.wait()
            if seconds is None
            else self.clock.sleep(seconds)
        )
        async with self._batch_slots.released(record):
            if record.batch_id is None or not is_unsent:
                await waiting
            else:
                await first_of(waiting, self.batches.cancellation(record.batch_id))

    async def is_cancelled(self, record: OperationRecord) -> bool:
        """Whether it is a line of a batch that was cancelled."""
        return record.batch_id is not None and await self.batches.is_cancelled(record.batch_id)


def monotonic() -> float:
    """Return the time of the running loop, which grows while its process is stopped."""
    return asyncio.get_running_loop().time()


async def first_of(*waiting: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of several."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
