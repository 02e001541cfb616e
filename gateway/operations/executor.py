"""Records operations and executes each to its stored result."""

import asyncio
import contextlib
import contextvars
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from gateway.observability.tracing import Tracing
from gateway.operations.batch_slots import BatchSlots
from gateway.operations.execution_registry import ExecutionRegistry
from gateway.operations.journal import StoredJournal
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import OperationResult
from gateway.operations.running_batch import RunningBatches
from gateway.operations.running_operation import RunningOperation
from gateway.operations.snapshot import failed_by_fault
from gateway.operations.store.base import OwnershipLost
from gateway.operations.store_session import StoreSession
from gateway.operations.workflow import OperationWorkflow
from resolvers.ports.errors import KeyReused

OnEnded = Callable[[OperationRecord, OperationResult], None]

LOG: Final = structlog.get_logger("gateway.operations")


class CallerPresence:
    """Notifies waiting operations when their principal sends a request."""

    def __init__(self) -> None:
        # Dicts keep the order in which operations subscribed; sets of events would not.
        self._subscribers: dict[str, dict[asyncio.Event, None]] = {}

    def notify(self, principal: str) -> None:
        for returned in self._subscribers.get(principal, ()):
            returned.set()

    @contextmanager
    def subscribe(self, principal: str, returned: asyncio.Event) -> Iterator[None]:
        """Set the event at every request of the principal, during the block."""
        subscribers = self._subscribers.setdefault(principal, {})
        subscribers[returned] = None
        try:
            yield
        finally:
            del subscribers[returned]
            if not subscribers:
                del self._subscribers[principal]


class OperationExecutor:
    """Executes operations in this process, each at most once at a time.

    Attributes:
        on_ended: called with each result that this process has stored.
        tracing: records operations and their steps; None if traces are off.
    """

    def __init__(
        self,
        workflow: OperationWorkflow,
        session: StoreSession,
        running: ExecutionRegistry[RunningOperation],
        batches: RunningBatches,
        slots: BatchSlots,
    ) -> None:
        self.workflow = workflow
        self.running = running
        self.caller_presence = CallerPresence()
        self._session = session
        self._batches = batches
        self._slots = slots
        self.tracing: Tracing | None = None
        self.on_ended: OnEnded = lambda record, result: None

    async def record_and_execute(self, record: OperationRecord) -> OperationRecord:
        """Record an operation and execute it. Returns the record that is stored under its id.

        Raises:
            KeyReused: a batch has the id.
            BatchCancelled: the operation is a new line of a cancelled batch.
            OperationsUnavailable: the operation could not be recorded, or that is unknown.
        """
        session = self._session
        claim = await session.confirm(session.store.record(record, session.lease.process))
        if claim is not None:
            self.execute(RunningOperation(record, claim))
            return record
        stored = await session.confirm(session.store.get(record.id))
        if stored is None:
            raise KeyReused
        return stored.record

    def execute(self, operation: RunningOperation) -> None:
        """Start executing a recorded operation. Does nothing if it is being executed."""
        if self.running.add(operation):
            # An empty context, because the operation outlives the request that submitted it.
            operation.task = asyncio.create_task(
                self._trace(operation), context=contextvars.Context()
            )

    def _trace(self, operation: RunningOperation) -> Coroutine[None, None, None]:
        """Run an operation below the span of the request that submitted it."""
        run, tracing = self._run(operation), self.tracing
        if tracing is None:
            return run
        parent = tracing.current()
        if parent is None:
            return tracing.run(tracing.current_span(), run)
        record = operation.record

        async def traced() -> None:
            attributes = {
                "upgrade_gateway.operation.id": record.id,
                "partner_center.request_id": record.request_id,
            }
            with tracing.span(f"operation {record.kind}", attributes, parent):
                await run

        return traced()

    async def finish_sending(self, timeout_s: float) -> None:
        """Wait until each order that was sent has a response, up to `timeout_s`."""
        sending = [each.wait_polled() for each in self.running if each.is_sending]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await asyncio.gather(*sending)

    async def stop(self) -> None:
        """Stop executing. The operations stay recorded, and another process continues them."""
        tasks = [each.task for each in self.running if each.task is not None]
        self.running.release_all()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, operation: RunningOperation) -> None:
        """Execute an operation until its result is stored, or another process owns it."""
        record = operation.record
        operation.caller_returned.set()  # the last call may have come before this execution
        try:
            # Throughout, not only while it waits: a call that comes after a step has missed the
            # token and before the operation waits may be the last one for long.
            with self.caller_presence.subscribe(record.principal, operation.caller_returned):
                async with self._slots.slot(record):
                    result = await self._run_workflow(operation)
                operation.is_finishing = True
                await self._session.retry(
                    lambda: self._session.store.finish(operation.claim, result), operation
                )
        except OwnershipLost:
            LOG.warning("another process took over an operation", operation_id=record.id)
            operation.release()
        else:
            operation.set_result(result)
            self.on_ended(record, result)
            self._batches.update_line(operation)
            LOG.info("operation ended", operation_id=record.id, state=result.outcome.state.name)
        finally:
            self.running.remove(operation)

    async def _run_workflow(self, operation: RunningOperation) -> OperationResult:
        journal = StoredJournal(operation, self._session, self._batches, self.tracing)
        try:
            return await self.workflow.run(operation.record, journal)
        except OwnershipLost:
            raise
        except Exception as fault:
            LOG.error("operation failed", operation_id=operation.record.id, exc_info=fault)
            now = self.workflow.clock.wall()
            return failed_by_fault(operation.record, operation.steps, now)
