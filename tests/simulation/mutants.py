"""The operations with a fault built in, one each: what the simulation has to notice.

Each is the smallest change that somebody could make by mistake, over the tables or the runtime.
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
    """Whoever has ever had an operation may write to it."""

    def fence(self, claim: Claim) -> Row:
        row = self.rows.get(claim.id)
        if row is None:
            raise OwnershipLost(claim.id)
        return row


class TakeoverWithoutEpoch(Tables):
    """A takeover does not raise the epoch, which is all that a write is checked for."""

    def assign(self, row: Row, process: str) -> None:
        row.owner = process

    def fence(self, claim: Claim) -> Row:
        row = self.rows.get(claim.id)
        if row is None or row.epoch != claim.epoch:
            raise OwnershipLost(claim.id)
        return row


class UnreservedSubjects(Tables):
    """Any number of operations may change one subscription."""

    def holds_subject(self, claim: Claim, subject: str) -> bool:
        return True

    def acquire_subject(self, claim: Claim, subject: str) -> StoredOperation | None:
        return None


class SubjectsNeverReleased(Tables):
    """An end does not free what the operation changed."""

    def free_subject(self, operation_id: str) -> None:
        pass


class SubjectsReleasedInDoubt(Tables):
    """An end in doubt frees what may still be changed."""

    def finish(self, claim: Claim, ended: OperationResult) -> bool:
        is_new = super().finish(claim, ended)
        self.free_subject(claim.id)
        return is_new


class LinesRecordedAfterCancellation(Tables):
    """A line is recorded whatever has become of its batch."""

    def is_cancelled(self, batch_id: str) -> bool:
        return False


class _OtherHost(SimulatedRuntime):
    """A runtime with another host of its workflows."""

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
    """An end is told before it is stored."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        run_workflow = self._executor._run_workflow

        async def run_and_tell(operation: RunningOperation) -> OperationResult:
            ended = await run_workflow(operation)
            operation.set_result(ended)
            return ended

        self._executor._run_workflow = run_and_tell  # type: ignore[method-assign]


class StaleMemoryReported(SimulatedRuntime):
    """Where an operation stands is told from memory, whoever owns it by now."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        self._running.get_owned = self._running.get  # type: ignore[method-assign]


class SwallowedOwnershipLost(SimulatedRuntime):
    """A write that was fenced off counts as written."""

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
    """A process that stood still sends what it announced before."""

    host = _HostWithoutLease


class LeasesExpireAtOnce(SimulatedRuntime):
    """Whoever has not renewed its lease between two looks counts as dead."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        self._session.lease._others._lease_s = 0.0


class _LateSlot:
    """Is acquired when it is sent, after the announcement."""

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
    """An attempt is announced, and waits for its turn then."""

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
    """A caller who comes before the pause has begun is not noticed."""

    host = _HostWithLostWakeUp


class ForgottenWrites(SimulatedRuntime):
    """What may be stored without an answer is never looked for."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        self._session.note_unconfirmed = lambda: None  # type: ignore[method-assign]


class IgnoredAdoption(SimulatedRuntime):
    """What is found to be owned, or taken over, is not executed."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        super().__init__(name, store, families, clock)
        adopt = self._maintenance._adopt

        def adopt_others(taken_over: Sequence[Takeover]) -> None:
            adopt(taken_over[1:])

        self._maintenance._adopt = adopt_others  # type: ignore[method-assign]


class _RuntimeWithWorkflow(SimulatedRuntime):
    """A runtime with other workflows."""

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
    """An attempt without an answer is sent again without a look."""

    workflows = _BlindWorkflow


class _ForgetfulWorkflow(OperationWorkflow):
    async def _send(self, announcement: AttemptIntent, held: HeldSlot) -> SendResult:
        sent = await super()._send(announcement, held)
        if announcement.process_run_id == self.host.process_run_id:
            return sent
        return SendResult(outcome=AttemptOutcome.NEVER_SENT, at=sent.at, blocker=sent.blocker)


class InterruptedMeansUnsent(_RuntimeWithWorkflow):
    """An attempt that another process has announced counts as never sent."""

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
    """NOT_SENT is told after an announcement."""

    workflows = _NotSentWorkflow


class _CreditlessWorkflow(OperationWorkflow):
    async def _reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        return await self.families[record.kind].reconcile(record, facts)


class UncheckedCredit(_RuntimeWithWorkflow):
    """Whatever a look finds is the operation's own."""

    workflows = _CreditlessWorkflow


class _RivallessWorkflow(OperationWorkflow):
    async def _reconcile_among_rivals(
        self, record: OperationRecord, facts: Baseline
    ) -> ReconcileResult:
        return await self.families[record.kind].reconcile(record, facts)


class UncheckedRivals(_RuntimeWithWorkflow):
    """What no other operation has been credited with is the operation's own."""

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
