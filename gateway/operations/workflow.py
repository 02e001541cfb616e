"""The way of an operation, read top to bottom; every step is one short act with a recorded end.

What is decided between the steps is decided from recorded values alone, by `operation.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, Self

import msgspec

from gateway.operations.activities import Clock, Journal, OperationActivities, SendSlot
from gateway.operations.decisions import (
    MAX_RETRY_AFTER_S,
    Decision,
    History,
    Reconcile,
    after_attempt,
    after_blocker,
    after_poll,
    after_reconcile,
    cancelled_outcome,
    in_doubt_outcome,
    is_within_idempotency_window,
    poll_delay_s,
)
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptIntent,
    AttemptRecord,
    Backoff,
    Baseline,
    Blocker,
    CheckResult,
    Failure,
    OperationOutcome,
    OperationResult,
    PollResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.operations.rival_operations import RivalOperations
from schema.operation import AttemptOutcome, OperationKind, OperationState

_INTERRUPTED = Blocker(message="the process that may have sent it has ended")
_LEASE_UNCERTAIN = Blocker(message="the gateway stood still, or its database did")


class WorkflowHost(Protocol):
    """What an operation knows of the others, and of its caller."""

    @property
    def process_run_id(self) -> str:
        """The id of this run of the process; see `Announcement.incarnation`."""
        ...

    @property
    def may_send(self) -> bool:
        """Whether no other process can have taken over what this one executes."""
        ...

    async def acquire_subject(self, record: OperationRecord) -> Failure | None:
        """Reserve what the order changes, for all processes; says who else has it."""
        ...

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        """Read what else its customer has ordered."""
        ...

    async def is_credited_to_another(self, record: OperationRecord, purchase: str) -> bool:
        """Credit a purchase to the operation; whether another one has it already."""
        ...

    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        """Wait, or without a time until the principal calls again.

        A cancellation ends the pause of what `is_unsent`: nothing of it may have been done.
        """
        ...

    async def is_cancelled(self, record: OperationRecord) -> bool:
        """Whether nobody wants it any more."""
        ...


@dataclass(slots=True)
class HeldSlot:
    """The slot that an operation has, if it has one: from before an announcement to its send."""

    partner: OperationActivities
    _slot: SendSlot | None = None

    async def acquire(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> Blocker | None:
        """Wait for a slot for an attempt; says what is in the way."""
        found = await self.partner.acquire_slot(record, facts, correlation_id)
        if isinstance(found, Blocker):
            return found
        self._slot = found
        return None

    def take(self) -> SendSlot | None:
        """Take what is held, to send it."""
        slot, self._slot = self._slot, None
        return slot

    def release(self) -> None:
        """Let others have it; what was announced for it is not sent."""
        slot = self.take()
        if slot is not None:
            slot.release()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Hold nothing any more, whatever happened."""
        self.release()


@dataclass(frozen=True, slots=True)
class OperationWorkflow:
    """The workflow of each kind.

    An attempt gets its slot first, is announced then, and sent at once: what waits for a slot in a
    process that dies was not announced, so that the next process knows that nothing was sent.

    Attributes:
        new_id: makes correlation ids.
        unsent: the correlation ids of what this process has announced and not sent yet.
    """

    activities: OperationActivities
    host: WorkflowHost
    clock: Clock
    new_id: Callable[[], str]
    unsent: set[str] = field(default_factory=set)

    async def run(self, record: OperationRecord, journal: Journal) -> OperationResult:
        """Carry a record out by the workflow of its kind."""
        if record.kind is OperationKind.UPGRADE_SUBSCRIPTION:
            return await self.submit(record, journal)
        return await self.submit_and_poll(record, journal)

    async def submit(self, record: OperationRecord, journal: Journal) -> OperationResult:
        """Upgrade a legacy license subscription: its answer is its end."""
        with HeldSlot(self.activities) as held:
            checked = await self._check_until_decided(record, journal, held)
            if isinstance(checked, OperationOutcome):
                return OperationResult(outcome=checked)
            ended = await self._send_until_decided(record, checked, journal, held)
            return msgspec.structs.replace(ended, quantity=checked.baseline.quantity or None)

    async def submit_and_poll(self, record: OperationRecord, journal: Journal) -> OperationResult:
        """Have the vendor begin a product upgrade or a transition, and follow it to its end."""
        with HeldSlot(self.activities) as held:
            checked = await self._check_until_decided(record, journal, held)
            if isinstance(checked, OperationOutcome):
                return OperationResult(outcome=checked)
            if checked.reference is not None:
                return OperationResult(
                    outcome=await self._poll_to_end(record, checked.reference, journal)
                )
            ended = await self._send_until_decided(record, checked, journal, held)
        reference = ended.outcome.reference
        if ended.outcome.state is not OperationState.DONE or reference is None:
            return ended
        ending = await self._poll_to_end(record, reference, journal)
        return OperationResult(outcome=ending, attempts=ended.attempts)

    async def _poll_to_end(
        self, record: OperationRecord, reference: str, journal: Journal
    ) -> OperationOutcome:
        """Follow from change to change."""
        last = PollResult(at=record.created_at)
        while True:
            act = partial(self._poll_until_changed, record, reference, last)
            followed = await journal.step("follow", PollResult, act)
            reference = followed.reference or reference
            decision = after_poll(followed, reference)
            if isinstance(decision, OperationOutcome):
                return decision
            if decision is not None:
                await self._wait(record, decision, journal)
            last = followed

    async def _poll_until_changed(
        self, record: OperationRecord, reference: str, last: PollResult
    ) -> PollResult:
        """Ask until it stands differently, less and less often; asking again does no harm."""
        polls = last.polls
        while True:
            if polls:
                await self.clock.sleep(poll_delay_s(polls - 1))
            found = await self.activities.poll(record, reference)
            polls += 1
            is_passing = found.blocker is not None and found.blocker.is_transient
            is_caller_away = found.blocker is not None and found.blocker.needs_credentials
            if is_caller_away or not (is_passing or _is_unchanged(found, last)):
                return msgspec.structs.replace(found, polls=polls)

    async def _check_until_decided(
        self, record: OperationRecord, journal: Journal, held: HeldSlot
    ) -> CheckResult | OperationOutcome:
        """Look until the order is refused or its first attempt announced."""
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
        """Send until it is decided."""
        announcement = checked.intent
        attempts: tuple[AttemptRecord, ...] = ()
        while announcement is not None:
            sent = await journal.step("send", SendResult, partial(self._send, announcement, held))
            attempts = (*attempts, AttemptRecord(intent=announcement, result=sent))
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
            announcement = announced.intent
        return await self._final_reconcile(record, checked, attempts, journal)

    async def _announce_until_decided(
        self,
        record: OperationRecord,
        facts: Baseline,
        history: History,
        journal: Journal,
        held: HeldSlot,
    ) -> AttemptIntended | OperationOutcome:
        """Wait until another attempt is announced, or it is too late for one."""
        while True:
            act = partial(self._announce, record, facts, history, held)
            announced = await journal.step("announce", AttemptIntended, act)
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
        """Look for the last time: what was perhaps done is too old to be sent again."""
        history = History(record.created_at, attempts)
        decision = await self._reconcile_until_decided(record, checked.baseline, history, journal)
        if not isinstance(decision, OperationOutcome):
            decision = in_doubt_outcome("was not answered", history.last.at)
        return OperationResult(outcome=decision, attempts=attempts)

    async def _reconcile_until_decided(
        self,
        record: OperationRecord,
        facts: Baseline,
        history: History,
        journal: Journal,
    ) -> Decision:
        """Look until something was seen, or it takes too long."""
        while True:
            looked = await journal.step(
                "look", ReconcileResult, partial(self._reconcile, record, facts)
            )
            decision = after_reconcile(history, looked, record.policy)
            if looked.verdict is not None or isinstance(decision, OperationOutcome):
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
        """Say what is waited for, and wait; how long is known from the record."""
        if not isinstance(decision, Backoff):
            return

        async def waiting() -> Backoff:
            return decision

        await journal.step("wait", Backoff, waiting)
        seconds = _remaining_s(decision, self.clock.wall())
        await self.host.pause(record, seconds, is_unsent=is_unsent)

    async def _check(self, record: OperationRecord, held: HeldSlot) -> CheckResult:
        """Check, get a slot, and announce the first attempt with the same record."""
        if await self.host.is_cancelled(record):
            return CheckResult(at=self.clock.wall(), is_cancelled=True)
        conflict = await self.host.acquire_subject(record)
        if conflict is not None:
            return CheckResult(at=self.clock.wall(), refusal=conflict)
        checked = await self.activities.check(record, self.new_id())
        if checked.refusal or checked.blocker or checked.reference:
            return checked
        correlation_id = self.new_id()
        trouble = await held.acquire(record, checked.baseline, correlation_id)
        if trouble is not None:
            return CheckResult(at=self.clock.wall(), blocker=trouble)
        if await self.host.is_cancelled(record):
            held.release()
            return CheckResult(at=self.clock.wall(), is_cancelled=True)
        announcement = self._new_intent(1, correlation_id)
        return msgspec.structs.replace(checked, intent=announcement)

    async def _announce(
        self, record: OperationRecord, facts: Baseline, history: History, held: HeldSlot
    ) -> AttemptIntended:
        """Announce another attempt once it has a slot, unless it is unwanted before or then."""
        unwanted = await self._reason_not_to_send(record, history)
        if unwanted is not None:
            return unwanted
        correlation_id = self.new_id()
        trouble = await held.acquire(record, facts, correlation_id)
        if trouble is not None:
            return AttemptIntended(blocker=trouble, at=self.clock.wall())
        unwanted = await self._reason_not_to_send(record, history)
        if unwanted is not None:
            held.release()
            return unwanted
        number = len(history.attempts) + 1
        return AttemptIntended(intent=self._new_intent(number, correlation_id))

    async def _reason_not_to_send(
        self, record: OperationRecord, history: History
    ) -> AttemptIntended | None:
        """Find out whether nobody wants another attempt, or it is too late to send it unseen."""
        if history.first_unanswered is None and await self.host.is_cancelled(record):
            return AttemptIntended(cancelled_at=self.clock.wall())
        if not is_within_idempotency_window(history, self.clock.wall(), record.policy):
            return AttemptIntended()
        return None

    async def _send(self, announcement: AttemptIntent, held: HeldSlot) -> SendResult:
        """Send what this very process has announced, once; else it may have been sent already."""
        if announcement.correlation_id not in self.unsent:
            return SendResult(
                outcome=AttemptOutcome.UNANSWERED, at=self.clock.wall(), blocker=_INTERRUPTED
            )
        slot = held.take() if self.host.may_send else None
        if slot is None:
            held.release()
            # It stood still after the announcement; another process may have gone on meanwhile.
            return SendResult(
                outcome=AttemptOutcome.NEVER_SENT, at=self.clock.wall(), blocker=_LEASE_UNCERTAIN
            )
        self.unsent.remove(announcement.correlation_id)
        return await slot.send()

    async def _reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        """Look what was done; a purchase that another operation has made is none of this one."""
        is_listed = facts.is_listed or record.target is None  # by what it was made of
        look = self.activities.reconcile if is_listed else self._reconcile_among_rivals
        looked = await look(record, facts)
        purchase = looked.purchase or looked.reference
        if looked.verdict is not Verdict.DONE or purchase is None:
            return looked
        if await self.host.is_credited_to_another(record, purchase):
            return ReconcileResult(at=looked.at, verdict=Verdict.UNCLEAR)
        return looked

    async def _reconcile_among_rivals(
        self, record: OperationRecord, facts: Baseline
    ) -> ReconcileResult:
        """Look for what none of the customer's other operations has made, or may have made."""
        owned = (await self.host.rivals(record)).owned_ids
        facts = msgspec.structs.replace(facts, known_ids=(*facts.known_ids, *owned))
        looked = await self.activities.reconcile(record, facts)
        if looked.verdict is None or looked.verdict is Verdict.NOT_DONE:
            return looked
        # Read after the vendor: what made a subscription was announced before it could be seen.
        return (await self.host.rivals(record)).revise(looked, owned)

    def _new_intent(self, number: int, correlation_id: str) -> AttemptIntent:
        self.unsent.add(correlation_id)
        return AttemptIntent(
            number=number,
            correlation_id=correlation_id,
            process_run_id=self.host.process_run_id,
            at=self.clock.wall(),
        )


def _remaining_s(waiting: Backoff, now: float) -> float | None:
    """Return how long to wait still, at most as long as was decided; None for the caller."""
    if waiting.until is None:
        return None
    longest_s = MAX_RETRY_AFTER_S if waiting.delay_s is None else waiting.delay_s
    return min(max(0.0, waiting.until - now), longest_s)


def _is_unchanged(found: PollResult, last: PollResult) -> bool:
    return (found.progress, found.body, found.reference) == (last.progress, last.body, None)
