"""The order of an operation's steps. The decisions between them are in `decisions.py`.

Everything is decided from stored results, so that a replay decides the same.
"""

from dataclasses import dataclass, replace
from functools import partial

import msgspec

from gateway.operations.activities import Journal
from gateway.operations.decisions import (
    MAX_RETRY_AFTER_S,
    NO_RESPONSE,
    Decision,
    History,
    Reconcile,
    after_attempt,
    after_blocker,
    after_poll,
    after_reconcile,
    cancelled_outcome,
    in_doubt_outcome,
)
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptRecord,
    Backoff,
    Baseline,
    CheckResult,
    OperationOutcome,
    OperationResult,
    PollResult,
    ReconcileResult,
    SendResult,
)
from gateway.operations.workflow_steps import HeldSlot, WorkflowSteps
from schema.operation import OperationState


@dataclass(frozen=True, slots=True)
class OperationWorkflow(WorkflowSteps):
    """Executes an operation of any family, from the check to the outcome.

    The names of its steps are stored, so they must not change.
    """

    async def run(self, record: OperationRecord, journal: Journal) -> OperationResult:
        with HeldSlot(self.families) as held:
            checked = await self._check_until_decided(record, journal, held)
            if isinstance(checked, OperationOutcome):
                return OperationResult(outcome=checked)
            if checked.reference is not None:
                outcome = await self._poll_to_end(record, checked.reference, journal)
                return OperationResult(outcome=outcome)
            ended = await self._send_until_decided(record, checked, journal, held)
        baseline = checked.baseline
        ended = msgspec.structs.replace(
            ended, quantity=baseline.quantity or None, target_name=baseline.target_name
        )
        reference, is_done = ended.outcome.reference, ended.outcome.state is OperationState.DONE
        if not self.families[record.kind].polls or not is_done or reference is None:
            return ended
        outcome = await self._poll_to_end(record, reference, journal)
        return msgspec.structs.replace(ended, outcome=outcome)

    async def _poll_to_end(
        self, record: OperationRecord, reference: str, journal: Journal
    ) -> OperationOutcome:
        """Poll an accepted upgrade. Each change of its progress is one step."""
        last = PollResult(at=record.created_at)
        while True:
            poll = partial(self._poll_until_changed, record, reference, last)
            last = await journal.step("follow", PollResult, poll)
            reference = last.reference or reference
            decision = after_poll(last, reference)
            if isinstance(decision, OperationOutcome):
                return decision
            if decision is not None:
                await self._wait(record, decision, journal)

    async def _check_until_decided(
        self, record: OperationRecord, journal: Journal, held: HeldSlot
    ) -> CheckResult | OperationOutcome:
        """Check until the order is refused, its first attempt is announced, or time runs out."""
        history = History(record.created_at, ())
        while True:
            checked = await journal.step("check", CheckResult, partial(self._check, record, held))
            if checked.refusal is not None:
                return OperationOutcome(
                    state=OperationState.REFUSED,
                    at=checked.at,
                    failure=checked.refusal,
                    body=checked.body,
                )
            if checked.is_cancelled:
                return cancelled_outcome(checked.at)
            if checked.blocker is None:
                return checked
            decision = after_blocker(history, checked.blocker, checked.at, record.policy)
            if isinstance(decision, OperationOutcome):
                return decision
            history = replace(history, delays=history.delays + 1)
            await self._wait(record, decision, journal, is_unsent=True)

    async def _send_until_decided(
        self, record: OperationRecord, checked: CheckResult, journal: Journal, held: HeldSlot
    ) -> OperationResult:
        """Send, reconcile and announce again until there is an outcome."""
        intent = checked.intent
        attempts: tuple[AttemptRecord, ...] = ()
        while intent is not None:
            sent = await journal.step("send", SendResult, partial(self._send, intent, held))
            attempts = (*attempts, AttemptRecord(intent=intent, result=sent))
            history = History(record.created_at, attempts)
            decision = after_attempt(history, record.policy)
            if isinstance(decision, Reconcile):
                decision = await self._reconcile_until_decided(
                    record, checked.baseline, history, journal
                )
            if isinstance(decision, OperationOutcome):
                return OperationResult(outcome=decision, attempts=attempts)
            is_unsent = history.first_unanswered is None
            await self._wait(record, decision, journal, is_unsent=is_unsent)
            announced = await self._announce_until_decided(
                record, checked.baseline, history, journal, held
            )
            if isinstance(announced, OperationOutcome):
                return OperationResult(outcome=announced, attempts=attempts)
            intent = announced.intent
        return await self._final_reconcile(record, checked, attempts, journal)

    async def _announce_until_decided(
        self,
        record: OperationRecord,
        baseline: Baseline,
        history: History,
        journal: Journal,
        held: HeldSlot,
    ) -> AttemptIntended | OperationOutcome:
        """Wait until another attempt is announced, or must not be sent any more."""
        while True:
            announce = partial(self._announce, record, baseline, history, held)
            announced = await journal.step("announce", AttemptIntended, announce)
            if announced.cancelled_at is not None:
                return cancelled_outcome(announced.cancelled_at)
            if announced.blocker is None or announced.at is None:
                return announced
            decision = after_blocker(history, announced.blocker, announced.at, record.policy)
            if isinstance(decision, OperationOutcome):
                return decision
            history = replace(history, delays=history.delays + 1)
            is_unsent = history.first_unanswered is None
            await self._wait(record, decision, journal, is_unsent=is_unsent)

    async def _final_reconcile(
        self,
        record: OperationRecord,
        checked: CheckResult,
        attempts: tuple[AttemptRecord, ...],
        journal: Journal,
    ) -> OperationResult:
        """Reconcile after the idempotency window: another attempt could buy twice."""
        history = History(record.created_at, attempts)
        decision = await self._reconcile_until_decided(record, checked.baseline, history, journal)
        if not isinstance(decision, OperationOutcome):
            decision = in_doubt_outcome(NO_RESPONSE, history.last.at)
        return OperationResult(outcome=decision, attempts=attempts)

    async def _reconcile_until_decided(
        self,
        record: OperationRecord,
        baseline: Baseline,
        history: History,
        journal: Journal,
    ) -> Decision:
        """Reconcile until there is a verdict, or time runs out."""
        while True:
            found = await journal.step(
                "look", ReconcileResult, partial(self._reconcile, record, baseline)
            )
            decision = after_reconcile(history, found, record.policy)
            if found.verdict is not None or isinstance(decision, OperationOutcome):
                return decision
            await self._wait(record, decision, journal)

    async def _wait(
        self,
        record: OperationRecord,
        decision: Decision,
        journal: Journal,
        *,
        is_unsent: bool = False,
    ) -> None:
        """Store the reason and the end of a wait, then wait; other decisions do not wait."""
        if not isinstance(decision, Backoff):
            return

        async def waiting() -> Backoff:
            return decision

        await journal.step("wait", Backoff, waiting)
        seconds = _remaining_s(decision, self.clock.wall())
        await self.host.pause(record, seconds, is_unsent=is_unsent)


def _remaining_s(backoff: Backoff, now: float) -> float | None:
    """Return the rest of a wait, at most its decided length; None until the principal returns."""
    if backoff.until is None:
        return None
    longest_s = MAX_RETRY_AFTER_S if backoff.delay_s is None else backoff.delay_s
    return min(max(0.0, backoff.until - now), longest_s)
