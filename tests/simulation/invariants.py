"""What must never be, at any step, and what must have come to be in the end."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import AttemptIntended, CheckResult, OperationResult, SendResult
from gateway.operations.snapshot import list_attempts
from gateway.operations.store.base import StoredOperation
from schema.batch import BatchState, UpgradeBatch
from schema.operation import OPEN_STATES, AttemptOutcome, OperationState, UpgradeOperation
from tests.simulation.faults import Climate
from tests.simulation.tables import Tables

BOUGHT = frozenset({OperationState.DONE, OperationState.DONE_WITH_LICENSE_ERRORS})
NOT_BOUGHT = frozenset({OperationState.FAILED, OperationState.REFUSED, OperationState.CANCELLED})


@dataclass(frozen=True, slots=True)
class ToldEnd:
    """An end that somebody was told, and when first."""

    state: OperationState
    is_settled: bool
    failure: str | None
    at: float


@dataclass
class Ledger:
    """Compares what is told, what is stored and what the vendor did.

    Args:
        time: the present.
        fail: called with what is wrong.
    """

    climate: Climate
    tables: Tables
    time: Callable[[], float]
    fail: Callable[[str], None]
    accepted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bought: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    posted_at: dict[str, float] = field(default_factory=dict)
    doubts: int = 0
    _unclear: dict[str, bool] = field(default_factory=dict)
    _unanswered: set[str] = field(default_factory=set)
    _cancelled: set[str] = field(default_factory=set)
    _ended_without: dict[str, str] = field(default_factory=dict)
    _told: dict[str, ToldEnd] = field(default_factory=dict)
    _told_batches: dict[str, float] = field(default_factory=dict)
    _ends: dict[str, OperationState] = field(default_factory=dict)

    # What happens at the vendor

    def has_accepted(self, request_id: str, reference: str) -> None:
        """A POST was accepted, and not answered from memory."""
        accepted = self.accepted[request_id]
        accepted.append(reference)
        if self.climate.is_trusted and len(accepted) > 1:
            self.fail(f"bought twice under request id {request_id}: {accepted}")

    def has_bought(self, request_id: str, reference: str) -> None:
        """Something was bought."""
        self.bought[request_id].append(reference)
        if request_id in self._ended_without:
            self.fail(f"bought {reference} for what {self._ended_without[request_id]}")

    def wants_slot(self, record: OperationRecord, run: str) -> None:
        """An attempt waits for its turn: it must not be announced, as nothing of it has left."""
        found = self.tables.get(record.id)
        attempts = list_attempts(found.steps) if found is not None else ()
        if attempts and attempts[-1].result is None:
            announced_by = attempts[-1].intent.process_run_id
            if announced_by.startswith(f"{run}-"):
                self.fail(f"{record.id} is announced and has to wait until it can be sent")

    def posts(self, record: OperationRecord) -> None:
        """A POST leaves: never after one whose fate is unknown, without a look in between."""
        request_id = record.request_id
        self.posted_at[request_id] = self.time()
        if self._unclear.get(request_id):
            self.fail(f"{record.id} was sent again without a look")
        if self.climate.trust_s == 0.0 and request_id in self._unanswered:
            self.fail(f"{record.id} was sent again, though the vendor is not trusted")
        self._unclear[request_id] = True

    def looks(self, record: OperationRecord) -> None:
        """A look has found something out."""
        self._unclear[record.request_id] = False

    # What is stored

    def has_recorded(self, record: OperationRecord) -> None:
        """A record was committed: never a line whose batch was told to be cancelled."""
        if record.batch_id in self._cancelled:
            self.fail(f"{record.id} has begun after the cancellation of its batch")

    def has_stored(self, operation_id: str, what: StoredStruct) -> None:
        """The end of a step, or of an operation, was committed."""
        found = self.tables.get(operation_id)
        assert found is not None
        if isinstance(what, CheckResult | AttemptIntended) and what.intent is not None:
            self._announced(found)
        elif isinstance(what, SendResult):
            is_unanswered = what.outcome is AttemptOutcome.UNANSWERED
            note = self._unanswered.add if is_unanswered else self._answered
            note(found.record.request_id)
        elif isinstance(what, OperationResult):
            self._ended(found)

    def _answered(self, request_id: str) -> None:
        self._unclear[request_id] = False

    def _announced(self, found: StoredOperation) -> None:
        """Among the keys for one subject one goes on at a time."""
        record = found.record
        for other in self.tables.operations():
            if other.record.subject != record.subject or other.record.id == record.id:
                continue
            if other.result is None:
                is_in_the_way = any(
                    isinstance(step, CheckResult) and step.intent for step in other.steps
                )
            else:
                is_in_doubt = other.result.outcome.state is OperationState.IN_DOUBT
                is_in_the_way = is_in_doubt and other.settlement is None
            if is_in_the_way:
                self.fail(f"{record.id} and {other.record.id} go on at once on {record.subject}")

    def _ended(self, found: StoredOperation) -> None:
        assert found.result is not None
        ending = found.result.outcome
        if self._ends.setdefault(found.record.id, ending.state) is not ending.state:
            self.fail(f"the end of {found.record.id} was overwritten")
        self._check_truth(found.record.id, found.record.request_id, ending.state)
        bought = self.bought[found.record.request_id]
        if ending.state in BOUGHT and bought and not set(found.result.purchases) <= set(bought):
            purchases = ", ".join(found.result.purchases)
            self.fail(f"{found.record.id} is DONE by {purchases}, which it has not bought")
        self.doubts += ending.state is OperationState.IN_DOUBT

    def _check_truth(self, operation_id: str, request_id: str, state: OperationState) -> None:
        purchases = self.bought[request_id]
        if state in BOUGHT and not purchases:
            self.fail(f"{operation_id} is {state.name} without a purchase")
        if state in NOT_BOUGHT:
            self._ended_without[request_id] = f"{operation_id}, {state.name}"
            if purchases:
                self.fail(f"{operation_id} is {state.name}, and bought {purchases}")

    # What is told

    def tell(self, told: UpgradeOperation, begun_at: float, *, is_exact: bool = True) -> None:
        """Somebody is told where an operation stands.

        Args:
            told: what.
            begun_at: when it was asked for.
            is_exact: it is as new as the question; what a watch yields may be a moment older.
        """
        before = self._told.get(told.id)
        if told.state in OPEN_STATES:
            if before is not None and is_exact and before.at < begun_at:
                self.fail(f"{told.id} was {before.state.name}, and is told as {told.state.name}")
            return
        is_settled = told.settled_by is not None
        failure = None if told.failure is None else told.failure.code.name
        end = ToldEnd(told.state, is_settled, failure, self.time())
        self._check_truth(told.id, told.request_id, told.state)
        if before is None:
            self._told[told.id] = end
        elif (before.state, before.failure) != (end.state, end.failure):
            self._check_settled(told.id, before, end, begun_at)

    def _check_settled(self, id: str, before: ToldEnd, end: ToldEnd, begun_at: float) -> None:
        if before.state is OperationState.IN_DOUBT and end.is_settled:
            self._told[id] = end
        elif not (end.state is OperationState.IN_DOUBT and begun_at <= before.at):
            self.fail(f"{id} was told as {before.state.name}, and then as {end.state.name}")

    def tell_cancelled(self, batch_id: str) -> None:
        """Somebody is told that nothing more of a batch will be sent."""
        self._cancelled.add(batch_id)

    def tell_batch(self, told: UpgradeBatch, begun_at: float) -> None:
        """Somebody is told where a batch stands."""
        is_final = told.state in {BatchState.COMPLETED, BatchState.CANCELLED}
        ended_at = self._told_batches.get(told.id)
        if is_final:
            self._told_batches.setdefault(told.id, self.time())
        elif ended_at is not None and ended_at < begun_at:
            self.fail(f"batch {told.id} had ended, and is told as {told.state.name}")

    # The end

    def check_end(self) -> None:
        """Everything has ended, and no purchase is anybody else's."""
        done: dict[str, str] = {}
        for found in self.tables.operations():
            if found.result is None:
                steps = ", ".join(type(step).__name__ for step in found.steps)
                self.fail(f"{found.record.id} has not ended: {steps}")
                continue
            for purchase in found.result.purchases:
                other = done.setdefault(purchase, found.record.id)
                if other != found.record.id:
                    self.fail(f"{other} and {found.record.id} are both DONE by {purchase}")
        for row in self.tables.rows.values():
            if row.is_batch and row.ended is None:
                self.fail(f"batch {row.id} has not ended")
        self._check_subjects()

    def _check_subjects(self) -> None:
        """What nobody may change any more is free for the next key."""
        for subject, holder in self.tables.subjects.items():
            found = self.tables.get(holder)
            state = found.result.outcome.state if found and found.result else None
            if found is None or state is not OperationState.IN_DOUBT or found.settlement:
                self.fail(f"{subject} is still held by {holder}, which has ended")
