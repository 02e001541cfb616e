"""Mutants: versions of the product with one built-in fault each, which the simulation must detect.

Each is the smallest change of the tables or the runtime that a programmer could make by mistake.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from gateway.operations.activities import Journal, SendSlot, UpgradeFamilies
from gateway.operations.decisions import Decision, History, Retry
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    AttemptIntent,
    Baseline,
    Blocker,
    Failure,
    OperationOutcome,
    OperationResult,
    ReconcileResult,
    SendResult,
)
from gateway.operations.operation_host import OperationHost
from gateway.operations.running_operation import RunningOperation
from gateway.operations.store.base import (
    Claim,
    OperationStore,
    OwnershipLost,
    StoredOperation,
    Takeover,
)
from gateway.operations.workflow import OperationWorkflow
from gateway.operations.workflow_steps import HeldSlot
from schema.operation import AttemptOutcome, OperationState
from schema.user_errors import UserErrorCode
from tests.simulation.processes import SimulatedClock, SimulatedRuntime
from tests.simulation.tables import Row, Tables
from tests.simulation.world import Variant

T = TypeVar("T")


class DroppedFence(Tables):
    """A former owner can write to an operation."""

    def fence(self, claim: Claim) -> Row:
        row = self.rows.get(claim.id)
        if row is None:
            raise OwnershipLost(claim.id)
        return row


class TakeoverWithoutEpoch(Tables):
    """A takeover does not increase the epoch, and fencing compares only the epoch."""

    def assign(self, row: Row, process: str) -> None:
        row.owner = process

    def fence(self, claim: Claim) -> Row:
        row = self.rows.get(claim.id)
        if row is None or row.epoch != claim.epoch:
            raise OwnershipLost(claim.id)
        return row


class UnreservedSubjects(Tables):
    """Several operations can hold one subject."""

    def holds_subject(self, claim: Claim, subject: str) -> bool:
        return True

    def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        return None


class SubjectsNeverReleased(Tables):
    """An outcome does not release the subject."""

    def free_subject(self, operation_id: str) -> None:
        pass


class SubjectsReleasedInDoubt(Tables):
    """An operation in doubt releases its subject."""

    def finish(self, claim: Claim, ended: OperationResult) -> bool:
        is_new = super().finish(claim, ended)
        self.free_subject(claim.id)
        return is_new


class LinesRecordedAfterCancellation(Tables):
    """A line is recorded although its batch is cancelled."""

    def is_cancelled(self, batch_id: str) -> bool:
        return False


class _OtherHost(SimulatedRuntime):
    """A runtime whose workflows have another host."""

    host: type[OperationHost]

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        old = self._executor.workflow.host
        assert isinstance(old, OperationHost)
        host = self.host(old._session, old._running, old._batches, old._slots, clock)
        self._executor.workflow = OperationWorkflow(families, host, clock, self.new_id)


class OutcomeReportedEarly(SimulatedRuntime):
    """An outcome is reported before it is stored."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        run_workflow = self._executor._run_workflow

        async def run_and_report(operation: RunningOperation) -> OperationResult:
            ended = await run_workflow(operation)
            operation.set_result(ended)
            return ended

        self._executor._run_workflow = run_and_report  # type: ignore[method-assign]


class StaleMemoryReported(SimulatedRuntime):
    """The state in memory is reported although another process may own the operation."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        self._running.get_owned = self._running.get  # type: ignore[method-assign]


class SwallowedOwnershipLost(SimulatedRuntime):
    """A fenced write counts as stored."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        retry = self._session.retry

        async def retry_and_swallow(
            write: Callable[[], Awaitable[T]], operation: RunningOperation | None = None
        ) -> T:
            try:
                return await retry(write, operation)
            except OwnershipLost:
                return None  # type: ignore[return-value]

        self._session.retry = retry_and_swallow  # type: ignore[method-assign]


class _HostWithoutLease(OperationHost):
    @property
    def may_send(self) -> bool:
        return True


class SendsWithoutLease(_OtherHost):
    """A process that was suspended sends an attempt that it announced before."""

    host = _HostWithoutLease


class LeasesExpireAtOnce(SimulatedRuntime):
    """A lease that is not renewed between two reads counts as expired."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        self._session.lease._others._lease_s = 0.0


class _LateSlot:
    """Acquires the real slot in `send`, after the announcement."""

    def __init__(self, acquire: Callable[[], Awaitable[SendSlot | Blocker]]) -> None:
        self._acquire = acquire

    async def send(self) -> SendResult:
        slot = await self._acquire()
        if isinstance(slot, Blocker):
            return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=0.0, blocker=slot)
        return await slot.send()

    def release(self) -> None:
        pass


class AnnouncesBeforeSlot(SimulatedRuntime):
    """An attempt is announced before it waits for its slot."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        partner: Any = families  # one object for all kinds
        acquire = partner.acquire_slot

        async def acquire_late(
            record: OperationRecord, facts: Baseline, correlation_id: str
        ) -> SendSlot:
            return _LateSlot(partial(acquire, record, facts, correlation_id))

        partner.acquire_slot = acquire_late
        super().__init__(name, store, families, clock)


class _HostWithLostWakeUp(OperationHost):
    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        if seconds is None:
            await asyncio.sleep(0)
            self._get_running(record).caller_returned.clear()
        await super().pause(record, seconds, is_unsent=is_unsent)


class LostWakeUp(_OtherHost):
    """A request that arrives before the pause begins does not end the pause."""

    host = _HostWithLostWakeUp


class ForgottenWrites(SimulatedRuntime):
    """Writes whose response was lost are never looked up."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        self._session.note_unconfirmed = lambda: None  # type: ignore[method-assign]


class IgnoredAdoption(SimulatedRuntime):
    """The first operation that is found or taken over is not executed."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        adopt = self._maintenance._adopt

        def adopt_others(taken_over: Sequence[Takeover]) -> None:
            adopt(taken_over[1:])

        self._maintenance._adopt = adopt_others  # type: ignore[method-assign]


class _RuntimeWithWorkflow(SimulatedRuntime):
    """A runtime with another workflow."""

    workflows: type[OperationWorkflow]

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        host = self._executor.workflow.host
        self._executor.workflow = self.workflows(families, host, clock, self.new_id)


class _BlindWorkflow(OperationWorkflow):
    async def _reconcile_until_decided(
        self, record: OperationRecord, facts: Baseline, history: History, journal: Journal
    ) -> Decision:
        return Retry()


class BlindResend(_RuntimeWithWorkflow):
    """An attempt without a response is repeated without reconciliation."""

    workflows = _BlindWorkflow


class _ForgetfulWorkflow(OperationWorkflow):
    async def _send(self, announcement: AttemptIntent, held: HeldSlot) -> SendResult:
        sent = await super()._send(announcement, held)
        if announcement.process_run_id == self.host.process_run_id:
            return sent
        return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=sent.at, blocker=sent.blocker)


class InterruptedMeansUnsent(_RuntimeWithWorkflow):
    """An attempt that another process announced counts as never sent."""

    workflows = _ForgetfulWorkflow


class _NotSentWorkflow(OperationWorkflow):
    async def run(self, record: OperationRecord, journal: Journal) -> OperationResult:
        ended = await super().run(record, journal)
        if ended.outcome.state is not OperationState.IN_DOUBT:
            return ended
        failure = Failure(code=UserErrorCode.NOT_SENT, message="Nothing was sent.")
        ending = OperationOutcome(state=OperationState.FAILED, at=ended.outcome.at, failure=failure)
        return OperationResult(outcome=ending, attempts=ended.attempts)


class DoubtMeansUnsent(_RuntimeWithWorkflow):
    """An operation in doubt is reported as FAILED with NOT_SENT."""

    workflows = _NotSentWorkflow


class _CreditlessWorkflow(OperationWorkflow):
    async def _reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        return await self.families[record.kind].reconcile(record, facts)


class UncheckedCredit(_RuntimeWithWorkflow):
    """Reconciliation does not check who a purchase is credited to."""

    workflows = _CreditlessWorkflow


class _RivallessWorkflow(OperationWorkflow):
    async def _reconcile_among_rivals(
        self, record: OperationRecord, facts: Baseline
    ) -> ReconcileResult:
        return await self.families[record.kind].reconcile(record, facts)


class UncheckedRivals(_RuntimeWithWorkflow):
    """Reconciliation ignores rival operations."""

    workflows = _RivallessWorkflow


_TABLES: Final = (
    DroppedFence,
    TakeoverWithoutEpoch,
    UnreservedSubjects,
    SubjectsNeverReleased,
    SubjectsReleasedInDoubt,
    LinesRecordedAfterCancellation,
)
_RUNTIMES: Final = (
    OutcomeReportedEarly,
    StaleMemoryReported,
    SwallowedOwnershipLost,
    SendsWithoutLease,
    LeasesExpireAtOnce,
    AnnouncesBeforeSlot,
    LostWakeUp,
    ForgottenWrites,
    IgnoredAdoption,
    BlindResend,
    InterruptedMeansUnsent,
    DoubtMeansUnsent,
)
MUTANTS: Final = (
    *(Variant(kind.__name__, tables=kind) for kind in _TABLES),
    *(Variant(kind.__name__, runtime=kind) for kind in _RUNTIMES),
    Variant("UncheckedCredit", runtime=UncheckedCredit, has_others=True),
    Variant("UncheckedRivals", runtime=UncheckedRivals, has_others=True),
)
