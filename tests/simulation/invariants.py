"""The invariants: what must hold after each step, and at the end of a run."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import AttemptIntended, CheckResult, OperationResult, SendResult
from gateway.operations.snapshot import list_attempts
from gateway.operations.store.base import StoredOperation
from schema.batch import BatchState, UpgradeBatch
from schema.operation import OPEN_STATES, AttemptOutcome, OperationState, UpgradeOperation
from tests.simulation.faults import Scenario
from tests.simulation.tables import Tables

PURCHASED = frozenset({OperationState.DONE, OperationState.DONE_WITH_LICENSE_ERRORS})
NOT_PURCHASED = frozenset({OperationState.FAILED, OperationState.REFUSED, OperationState.CANCELLED})


@dataclass(frozen=True, slots=True)
class ReportedOutcome:
    """The outcome that callers were told.

    Attributes:
        at: when it was first reported.
    """

    state: OperationState
    is_settled: bool
    failure: str | None
    at: float


@dataclass
class InvariantChecker:
    """Compares responses to callers, the store, and the vendor's purchases.

    Args:
        time: returns the virtual time.
        fail: called with each violation.
    """

    scenario: Scenario
    tables: Tables
    time: Callable[[], float]
    fail: Callable[[str], None]
    accepted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    purchases: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    posted_at: dict[str, float] = field(default_factory=dict)
    in_doubt_count: int = 0
    _needs_reconciliation: dict[str, bool] = field(default_factory=dict)
    _unanswered: set[str] = field(default_factory=set)
    _cancelled_batches: set[str] = field(default_factory=set)
    _reported_not_purchased: dict[str, str] = field(default_factory=dict)
    _reported: dict[str, ReportedOutcome] = field(default_factory=dict)
    _reported_batches: dict[str, float] = field(default_factory=dict)
    _outcomes: dict[str, OperationState] = field(default_factory=dict)

    # The vendor

    def on_accepted(self, request_id: str, reference: str) -> None:
        """Check an accepted POST, whose request id was not known."""
        accepted = self.accepted[request_id]
        accepted.append(reference)
        if self.scenario.deduplicates_posts and len(accepted) > 1:
            self.fail(f"bought twice under request id {request_id}: {accepted}")

    def on_purchased(self, request_id: str, reference: str) -> None:
        self.purchases[request_id].append(reference)
        if request_id in self._reported_not_purchased:
            self.fail(f"bought {reference} for what {self._reported_not_purchased[request_id]}")

    def on_slot_request(self, record: OperationRecord, run: str) -> None:
        """Check that an attempt that waits for its slot is not announced."""
        found = self.tables.get(record.id)
        attempts = list_attempts(found.steps) if found is not None else ()
        if attempts and attempts[-1].result is None:
            announced_by = attempts[-1].intent.process_run_id
            if announced_by.startswith(f"{run}-"):
                self.fail(f"{record.id} is announced and has to wait until it can be sent")

    def on_post(self, record: OperationRecord) -> None:
        """Check that a POST does not follow one without a response, unless it was reconciled."""
        request_id = record.request_id
        self.posted_at[request_id] = self.time()
        if self._needs_reconciliation.get(request_id):
            self.fail(f"{record.id} was sent again without reconciliation")
        if self.scenario.idempotency_window_s == 0.0 and request_id in self._unanswered:
            self.fail(f"{record.id} was sent again, although the idempotency window is 0")
        self._needs_reconciliation[request_id] = True

    def on_reconcile(self, record: OperationRecord) -> None:
        self._needs_reconciliation[record.request_id] = False

    # The store

    def on_recorded(self, record: OperationRecord) -> None:
        """Check that no line begins after the cancellation of its batch was confirmed."""
        if record.batch_id in self._cancelled_batches:
            self.fail(f"{record.id} has begun after the cancellation of its batch")

    def on_stored(self, operation_id: str, what: StoredStruct) -> None:
        """Check a committed step or outcome."""
        found = self.tables.get(operation_id)
        assert found is not None
        if isinstance(what, CheckResult | AttemptIntended) and what.intent is not None:
            self._check_announcement(found)
        elif isinstance(what, SendResult):
            is_unanswered = what.outcome is AttemptOutcome.UNANSWERED
            note = self._unanswered.add if is_unanswered else self._clear_reconciliation
            note(found.record.request_id)
        elif isinstance(what, OperationResult):
            self._check_outcome(found)

    def _clear_reconciliation(self, request_id: str) -> None:
        self._needs_reconciliation[request_id] = False

    def _check_announcement(self, found: StoredOperation) -> None:
        """Check that no other operation on the subject is being executed."""
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
                self.fail(
                    f"{record.id} and {other.record.id} are executed at once on {record.subject}"
                )

    def _check_outcome(self, found: StoredOperation) -> None:
        assert found.result is not None
        ending = found.result.outcome
        if self._outcomes.setdefault(found.record.id, ending.state) is not ending.state:
            self.fail(f"the end of {found.record.id} was overwritten")
        self._check_purchases(found.record.id, found.record.request_id, ending.state)
        bought = self.purchases[found.record.request_id]
        if ending.state in PURCHASED and bought and not set(found.result.purchases) <= set(bought):
            purchases = ", ".join(found.result.purchases)
            self.fail(f"{found.record.id} is DONE by {purchases}, which it has not bought")
        self.in_doubt_count += ending.state is OperationState.IN_DOUBT

    def _check_purchases(self, operation_id: str, request_id: str, state: OperationState) -> None:
        purchases = self.purchases[request_id]
        if state in PURCHASED and not purchases:
            self.fail(f"{operation_id} is {state.name} without a purchase")
        if state in NOT_PURCHASED:
            self._reported_not_purchased[request_id] = f"{operation_id}, {state.name}"
            if purchases:
                self.fail(f"{operation_id} is {state.name}, and bought {purchases}")

    # The responses

    def check_response(
        self, response: UpgradeOperation, requested_at: float, *, is_exact: bool = True
    ) -> None:
        """Check the state of an operation that a caller receives.

        Args:
            requested_at: when the caller sent the request.
            is_exact: the state is as new as the request; an event of a watch may be older.
        """
        before = self._reported.get(response.id)
        if response.state in OPEN_STATES:
            if before is not None and is_exact and before.at < requested_at:
                state = response.state.name
                self.fail(f"{response.id} was {before.state.name}, and is reported as {state}")
            return
        is_settled = response.settled_by is not None
        failure = None if response.failure is None else response.failure.code.name
        end = ReportedOutcome(response.state, is_settled, failure, self.time())
        self._check_purchases(response.id, response.request_id, response.state)
        if before is None:
            self._reported[response.id] = end
        elif (before.state, before.failure) != (end.state, end.failure):
            self._check_changed_outcome(response.id, before, end, requested_at)

    def _check_changed_outcome(
        self, id: str, before: ReportedOutcome, end: ReportedOutcome, requested_at: float
    ) -> None:
        if before.state is OperationState.IN_DOUBT and end.is_settled:
            self._reported[id] = end
        elif not (end.state is OperationState.IN_DOUBT and requested_at <= before.at):
            self.fail(f"{id} was reported as {before.state.name}, and then as {end.state.name}")

    def note_cancellation(self, batch_id: str) -> None:
        self._cancelled_batches.add(batch_id)

    def check_batch_response(self, response: UpgradeBatch, requested_at: float) -> None:
        is_final = response.state in {BatchState.COMPLETED, BatchState.CANCELLED}
        ended_at = self._reported_batches.get(response.id)
        if is_final:
            self._reported_batches.setdefault(response.id, self.time())
        elif ended_at is not None and ended_at < requested_at:
            self.fail(f"batch {response.id} had ended, and is reported as {response.state.name}")

    # The end of the run

    def check_end(self) -> None:
        """Check that everything has ended, and that no two operations share a purchase."""
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
        """Check that only operations in doubt hold their subject."""
        for subject, holder in self.tables.subjects.items():
            found = self.tables.get(holder)
            state = found.result.outcome.state if found and found.result else None
            if found is None or state is not OperationState.IN_DOUBT or found.settlement:
                self.fail(f"{subject} is still held by {holder}, which has ended")
