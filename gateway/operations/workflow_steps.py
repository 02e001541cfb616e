"""The single steps of an operation. `workflow.py` has their order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from msgspec.structs import replace

from gateway.clock import Clock
from gateway.operations.activities import SendSlot, UpgradeFamilies
from gateway.operations.decisions import History, is_within_idempotency_window, poll_delay_s
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptIntent,
    Baseline,
    Blocker,
    CheckResult,
    Failure,
    PollResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.operations.rival_operations import RivalOperations
from schema.operation import AttemptOutcome

_INTERRUPTED: Final = Blocker(
    message="The gateway's process ended just before or after it sent the order."
)
_LEASE_UNCERTAIN: Final = Blocker(
    message="The gateway or its database stalled before the order was sent."
)


class WorkflowHost(Protocol):
    """The interface between the workflow of an operation and the process that runs it."""

    @property
    def process_run_id(self) -> str:
        """The id of this run of the process, which is stored before an order is sent."""
        ...

    @property
    def may_send(self) -> bool:
        """Whether this process certainly still owns its operations, so that it may send orders."""
        ...

    async def acquire_subject(self, record: OperationRecord) -> Failure | None:
        """Reserve the resource that the order changes.

        Returns a failure if another operation has reserved it.
        """
        ...

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        """Read other operations of the same customer that may have made the same purchase."""
        ...

    async def is_credited_to_another(self, record: OperationRecord, purchase: str) -> bool:
        """Return whether the purchase is assigned to another operation.

        A purchase that is assigned to none becomes this operation's.
        """
        ...

    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        """Wait for `seconds`; if None, until the principal sends a request.

        With `is_unsent`, no attempt can have taken effect, and a cancellation ends the wait.
        """
        ...

    async def is_cancelled(self, record: OperationRecord) -> bool: ...


@dataclass(slots=True)
class HeldSlot:
    """Holds the right to send an order, from before the attempt is stored until it is sent."""

    families: UpgradeFamilies
    _slot: SendSlot | None = None

    async def acquire(
        self, record: OperationRecord, baseline: Baseline, correlation_id: str
    ) -> Blocker | None:
        """Wait for the right to send the order. Returns why it is not available, or None."""
        found = await self.families[record.kind].acquire_slot(record, baseline, correlation_id)
        if isinstance(found, Blocker):
            return found
        self._slot = found
        return None

    def take(self) -> SendSlot | None:
        """Return the slot and stop holding it; None if none is held."""
        slot, self._slot = self._slot, None
        return slot

    def release(self) -> None:
        slot = self.take()
        if slot is not None:
            slot.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.release()


@dataclass(frozen=True, slots=True)
class WorkflowSteps:
    """Performs the single steps of an operation. Each returns a result that is stored.

    An attempt first gets a slot, then its intent is stored, and then the order is sent at once.
    Without a stored intent, the next process knows after a crash that nothing was sent.

    Attributes:
        new_id: creates correlation ids. All attempts of an operation share one, because it may be
            the only id of the order in the vendor's audit feed.
        unsent: the attempts whose intent this process has stored and whose order it has not sent.
    """

    families: UpgradeFamilies
    host: WorkflowHost
    clock: Clock
    new_id: Callable[[], str]
    unsent: set[AttemptIntent] = field(default_factory=set)

    async def _check(self, record: OperationRecord, held: HeldSlot) -> CheckResult:
        """Check the order, acquire a slot, and announce the first attempt in the same result."""
        if await self.host.is_cancelled(record):
            return CheckResult(at=self.clock.wall(), is_cancelled=True)
        conflict = await self.host.acquire_subject(record)
        if conflict is not None:
            return CheckResult(at=self.clock.wall(), refusal=conflict)
        checked = await self.families[record.kind].check(record, self.new_id())
        if checked.refusal or checked.blocker or checked.reference:
            return checked
        correlation_id = self.new_id()
        blocker = await held.acquire(record, checked.baseline, correlation_id)
        if blocker is not None:
            return CheckResult(at=self.clock.wall(), blocker=blocker)
        if await self.host.is_cancelled(record):
            held.release()
            return CheckResult(at=self.clock.wall(), is_cancelled=True)
        return replace(checked, intent=self._new_intent(1, correlation_id))

    async def _announce(
        self, record: OperationRecord, baseline: Baseline, history: History, held: HeldSlot
    ) -> AttemptIntended:
        """Acquire a slot and announce another attempt, unless it must not be sent any more."""
        stopped = await self._reason_not_to_send(record, history)
        if stopped is not None:
            return stopped
        correlation_id = history.attempts[0].intent.correlation_id
        blocker = await held.acquire(record, baseline, correlation_id)
        if blocker is not None:
            return AttemptIntended(blocker=blocker, at=self.clock.wall())
        stopped = await self._reason_not_to_send(record, history)
        if stopped is not None:
            held.release()
            return stopped
        number = len(history.attempts) + 1
        return AttemptIntended(intent=self._new_intent(number, correlation_id))

    async def _reason_not_to_send(
        self, record: OperationRecord, history: History
    ) -> AttemptIntended | None:
        """Return a result without an intent if cancelled, or if the idempotency window is over."""
        if history.first_unanswered is None and await self.host.is_cancelled(record):
            return AttemptIntended(cancelled_at=self.clock.wall())
        if not is_within_idempotency_window(history, self.clock.wall(), record.policy):
            return AttemptIntended()
        return None

    async def _send(self, intent: AttemptIntent, held: HeldSlot) -> SendResult:
        """Send an announced attempt once.

        An attempt that another run announced may have been sent already. It is not sent again.
        """
        if intent not in self.unsent:
            return SendResult(
                outcome=AttemptOutcome.UNANSWERED, at=self.clock.wall(), blocker=_INTERRUPTED
            )
        slot = held.take() if self.host.may_send else None
        if slot is None:
            held.release()
            # This process stalled after the announcement. Another one may have taken over.
            return SendResult(
                outcome=AttemptOutcome.NEVER_SENT, at=self.clock.wall(), blocker=_LEASE_UNCERTAIN
            )
        self.unsent.remove(intent)
        return await slot.send()

    async def _reconcile(self, record: OperationRecord, baseline: Baseline) -> ReconcileResult:
        """Reconcile. A purchase that is credited to another operation is not this one's."""
        # Lists of the vendor name the source, and an order without a target creates nothing:
        # only a new subscription can be another operation's.
        is_attributed = baseline.is_listed or record.order.target is None
        reconcile = (
            self.families[record.kind].reconcile if is_attributed else self._reconcile_among_rivals
        )
        found = await reconcile(record, baseline)
        purchase = found.purchase or found.reference
        if found.verdict is not Verdict.DONE or purchase is None:
            return found
        if await self.host.is_credited_to_another(record, purchase):
            return ReconcileResult(at=found.at, verdict=Verdict.UNCLEAR)
        return found

    async def _reconcile_among_rivals(
        self, record: OperationRecord, baseline: Baseline
    ) -> ReconcileResult:
        """Reconcile without the purchases that other operations of the customer may have made."""
        owned = (await self.host.rivals(record)).owned_ids
        baseline = replace(baseline, known_ids=(*baseline.known_ids, *owned))
        found = await self.families[record.kind].reconcile(record, baseline)
        if found.verdict is None or found.verdict is Verdict.NOT_DONE:
            return found
        # Read after the vendor: an attempt is announced before its purchase can be seen.
        return (await self.host.rivals(record)).revise(found, owned)

    async def _poll_until_changed(
        self, record: OperationRecord, reference: str, last: PollResult
    ) -> PollResult:
        """Poll at growing intervals until the progress changes or something blocks it."""
        polls = last.polls
        while True:
            if polls:
                await self.host.pause(record, poll_delay_s(polls - 1), is_unsent=False)
            found = await self.families[record.kind].poll(record, reference)
            polls += 1
            is_transient = found.blocker is not None and found.blocker.is_transient
            needs_credentials = found.blocker is not None and found.blocker.needs_credentials
            if needs_credentials or not (is_transient or _is_unchanged(found, last)):
                return replace(found, polls=polls)

    def _new_intent(self, number: int, correlation_id: str) -> AttemptIntent:
        intent = AttemptIntent(
            number=number,
            correlation_id=correlation_id,
            process_run_id=self.host.process_run_id,
            at=self.clock.wall(),
        )
        self.unsent.add(intent)
        return intent


def _is_unchanged(found: PollResult, last: PollResult) -> bool:
    return (found.progress, found.body, found.reference) == (last.progress, last.body, None)
