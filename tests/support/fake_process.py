"""A process that runs operations over a store in memory, and can crash at any step."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import Failure, OperationResult
from gateway.operations.operation_host import conflict_failure
from gateway.operations.rival_operations import RivalOperations
from gateway.operations.store.base import StoredOperation
from gateway.operations.workflow import OperationWorkflow
from schema.operation import OperationState
from tests.support.clock import ManualClock
from tests.support.fake_partner import FakePartner
from tests.support.workflow_host import Crash, MemoryJournal


@dataclass
class OperationRow:
    """A stored operation."""

    record: OperationRecord
    steps: list[object] = field(default_factory=list)
    ended: OperationResult | None = None
    is_cancelled: bool = False
    has_subject: bool = False


class FakeProcess:
    """One run of a gateway. Implements `gateway.operations.workflow_steps.WorkflowHost`.

    Args:
        store: shared by all runs.
        crashes_at: the moment of a step, such as "before send"; "" for none.
    """

    def __init__(
        self,
        number: int,
        store: dict[str, OperationRow],
        market: FakePartner,
        clock: ManualClock,
        crashes_at: str = "",
    ) -> None:
        self.is_killed = False
        self._store = store
        self._clock = clock
        self._crashes_at = crashes_at
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        ids = (f"{number}-{count}" for count in itertools.count())
        self.process_run_id = f"run-{number}"
        self._workflows = OperationWorkflow(market, self, clock, lambda: next(ids))
        for kept in store.values():
            if kept.ended is None:
                self._run(kept)

    @property
    def may_send(self) -> bool:
        return not self.is_killed

    def submit(self, record: OperationRecord) -> None:
        if record.id not in self._store:
            self._store[record.id] = OperationRow(record)
            self._run(self._store[record.id])

    def cancel(self, id: str) -> None:
        self._store[id].is_cancelled = True
        self._woken.set()
        self._woken = asyncio.Event()

    def kill(self) -> None:
        self.is_killed = True
        for task in self._tasks.values():
            task.cancel()

    def running(self) -> Iterator[str]:
        return (key for key, task in self._tasks.items() if not task.done())

    async def join(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _run(self, kept: OperationRow) -> None:
        self._tasks[kept.record.id] = asyncio.create_task(self._run_to_end(kept))

    async def _run_to_end(self, kept: OperationRow) -> None:
        try:
            journal = MemoryJournal(kept.steps, self._crashes)
            ended = await self._workflows.run(kept.record, journal)
            kept.has_subject &= ended.outcome.state is OperationState.IN_DOUBT
            kept.ended = ended
        except Crash:
            self.kill()

    def _crashes(self, moment: str) -> bool:
        return moment == self._crashes_at

    async def acquire_subject(self, record: OperationRecord) -> Failure | None:
        for kept in self._store.values():
            if kept.has_subject and kept.record.subject == record.subject:
                if kept.record.id == record.id:
                    return None
                return conflict_failure(StoredOperation(kept.record, result=kept.ended))
        self._store[record.id].has_subject = True
        return None

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        return RivalOperations(record, ())

    async def is_credited_to_another(self, record: OperationRecord, purchase: str) -> bool:
        return False

    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        if is_unsent and self._store[record.id].is_cancelled:
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds or 0.0))
        woken = asyncio.ensure_future(self._woken.wait())
        waited_for = {sleeping, woken} if is_unsent else {sleeping}
        try:
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            woken.cancel()

    async def is_cancelled(self, record: OperationRecord) -> bool:
        return self._store[record.id].is_cancelled
