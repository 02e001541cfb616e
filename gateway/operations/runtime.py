"""The operations and batches of this process: one for each principal and idempotency key."""

from collections.abc import Callable
from typing import Final

from gateway.clock import Clock
from gateway.ids import new_uuid
from gateway.observability.tracing import Tracing
from gateway.operations.activities import UpgradeFamilies
from gateway.operations.batch_runtime import BatchRuntime
from gateway.operations.batch_slots import BatchSlots
from gateway.operations.execution_registry import ExecutionRegistry
from gateway.operations.executor import OnEnded, OperationExecutor
from gateway.operations.maintenance import Maintenance
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import Settlement
from gateway.operations.operation_host import OperationHost
from gateway.operations.policy.seat_quota import SeatQuota
from gateway.operations.reader import OperationReader
from gateway.operations.running_batch import RunningBatches
from gateway.operations.running_operation import RunningOperation
from gateway.operations.snapshot import find_reference
from gateway.operations.store.base import OperationStore
from gateway.operations.store.health import StoreTimeouts
from gateway.operations.store_session import StoreSession
from gateway.operations.streams import OperationStreams
from gateway.operations.submission_queue import SubmissionQueue
from gateway.operations.workflow import OperationWorkflow

_RENEW_EVERY_S: Final = 3.0
_SHUTTING_DOWN: Final = "the gateway is shutting down"


class OperationRuntime:
    """Submits operations and batches, and owns the objects that record, execute and read them.

    Args:
        lines_at_once: how many lines of batches run at the same time.
        renew_every_s: how often the lease is renewed and operations are taken over.

    Attributes:
        new_id: creates request ids, correlation ids and the id of this run of the process.
        seats: counts the seats that each principal has ordered, in all processes.
    """

    new_id: Callable[[], str] = staticmethod(new_uuid)

    def __init__(
        self,
        store: OperationStore,
        families: UpgradeFamilies,
        clock: Clock,
        *,
        lines_at_once: int,
        timeouts: StoreTimeouts,
        renew_every_s: float = _RENEW_EVERY_S,
    ) -> None:
        self.store = store
        self.families = families
        self.clock = clock
        session = self._session = StoreSession(store, timeouts, self.new_id)
        self.health = session.health
        self.preview_key = session.preview_key
        self.seats = SeatQuota(store, clock, self.health)

        self._running: ExecutionRegistry[RunningOperation] = ExecutionRegistry(session.lease)
        batches = RunningBatches(session, clock)
        slots = BatchSlots(lines_at_once)
        host = OperationHost(session, self._running, batches, slots, clock)
        workflow = OperationWorkflow(families, host, clock, self.new_id)
        self._executor = OperationExecutor(workflow, session, self._running, batches, slots)
        self.caller_presence = self._executor.caller_presence
        self.reader = OperationReader(session, self._running, batches, clock)
        self.streams = OperationStreams(self.reader, clock)
        self.batches = BatchRuntime(session, self._executor, self.reader, batches, clock)
        self._maintenance = Maintenance(session, self._executor, self.batches, renew_every_s)
        self._submissions: SubmissionQueue[OperationRecord] = SubmissionQueue(self.health)

    def observe_results(self, on_ended: OnEnded) -> None:
        """Call a function with each result that this process stores from now on."""
        self._executor.on_ended = on_ended

    def trace_with(self, tracing: Tracing) -> None:
        """Record operations and their steps as spans."""
        self._executor.tracing = tracing

    def observe_processes(self, on_counted: Callable[[int], None]) -> None:
        """Have a function called every few seconds with the number of processes, this included.

        It is not called while the store is unavailable.
        """
        self._maintenance.on_counted = on_counted

    async def start(self) -> None:
        """Open the store and resume operations that have not ended. Requests may arrive earlier."""
        await self._maintenance.start()

    async def stop(self, grace_s: float) -> None:
        """Reject new operations, wait for responses to sent orders, then stop all execution."""
        await self._maintenance.stop()
        was_open = self.health.closed_reason is None
        self.health.close(_SHUTTING_DOWN)
        if was_open:
            await self._submissions.drain(grace_s)
            await self.batches.stop(grace_s)
            async with self._maintenance.keeping_lease():
                await self._executor.finish_sending(grace_s)
            await self._executor.stop()
            await self._session.release_lease(grace_s)
        await self.store.close()

    @property
    def is_starting(self) -> bool:
        """Whether the store is still being opened."""
        return self.health.is_starting

    async def unavailable_reason(self) -> str | None:
        """Return why nothing can be recorded now; None if it can."""
        return await self.health.unavailable_reason()

    async def submit(self, record: OperationRecord) -> OperationRecord:
        """Record an operation and execute it; if its id is recorded, only return that record.

        Raises OperationsUnavailable if the operation could not be recorded, or if that is unknown;
        in the second case it may be executed later.
        """
        return await self._submissions.submit_once(record.id, lambda: self._submit(record))

    async def _submit(self, record: OperationRecord) -> OperationRecord:
        running = self._running.get(record.id)
        if running is not None:
            return running.record
        await self.health.require_writable()
        return await self._executor.record_and_execute(record)

    async def settle(self, settlement: Settlement) -> Settlement:
        """Store a settlement, unless there is one. Returns the settlement that is stored then."""
        await self.health.require_writable()
        return await self._session.confirm(self.store.settle(settlement))

    def records_with_reference(self, reference: str) -> list[OperationRecord]:
        """Return the operations of this process that poll the vendor's upgrade with this id."""
        return [
            operation.record
            for operation in self._running
            if (find_reference(operation.steps) or "").lower() == reference.lower()
        ]
