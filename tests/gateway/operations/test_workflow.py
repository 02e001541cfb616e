"""The workflow over a fake vendor, with all faults and crashes in any order."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.operations.activities import SendSlot
from gateway.operations.model.record import OperationRecord, Policy, StoredStruct, create_record
from gateway.operations.model.steps import (
    AttemptIntent,
    Baseline,
    Blocker,
    CheckResult,
    OperationResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.operations.rival_operations import RivalOperations
from gateway.operations.store.base import OwnershipLost, StoredOperation
from gateway.operations.workflow import OperationWorkflow
from resolvers.orders import UpgradeOrder
from schema.keys import SubscriptionKey
from schema.operation import AttemptOutcome, OperationState
from schema.upgrade import UpgradeType
from schema.user_errors import UserErrorCode
from tests.support.canned_results import SendFate
from tests.support.clock import FakeClock
from tests.support.fake_partner import POLICY, DecideFate, FakePartner, in_turn, make_record
from tests.support.workflow_host import Crash, MemoryJournal, SingleOperationHost

S = TypeVar("S", bound=StoredStruct)

MOMENTS = [
    f"{moment}"
    for name in ("check", "send", "announce", "look", "wait")
    for moment in (f"before {name}", f"after {name}, before its commit", f"after {name}")
]
FATES = [fate for fate in SendFate if fate is not SendFate.LATE]


async def carried_out(
    partner: FakePartner,
    crashes: list[str],
    *,
    forgets: bool = False,
    policy: Policy = POLICY,
) -> tuple[OperationResult, list[object]]:
    """Run an operation, and restart it after each crash. Each crash happens once."""
    journal_ends: list[object] = []
    numbers = itertools.count()
    record = make_record(policy, now=partner.clock.wall())
    pending = list(crashes)

    def dies(moment: str) -> bool:
        if pending and pending[0] == moment:
            pending.pop(0)
            return True
        return False

    while True:
        workflows = OperationWorkflow(
            partner,
            SingleOperationHost(partner.clock, f"run-{next(numbers)}"),
            partner.clock,
            lambda: f"id-{next(numbers)}",
        )
        journal = MemoryJournal(journal_ends, dies)
        try:
            return await workflows.run(record, journal), journal_ends
        except Crash:
            if forgets:
                partner.known_request_ids.clear()


@given(
    fates=st.lists(st.sampled_from(FATES), max_size=6),
    crashes=st.lists(st.sampled_from(MOMENTS), max_size=5),
    forgets=st.booleans(),
)
@settings(max_examples=300)
async def test_after_any_faults_it_is_bought_at_most_once_and_the_outcome_is_true(
    fates: list[SendFate], crashes: list[str], forgets: bool
) -> None:
    partner = FakePartner(FakeClock(), in_turn(*fates), upgrades_once=True)

    ended, _ = await carried_out(partner, crashes, forgets=forgets)

    assert partner.purchase_counts.total() <= 1
    state = ended.outcome.state
    if state is OperationState.DONE:
        assert partner.purchase_counts.total() == 1
    if state in {OperationState.REFUSED, OperationState.FAILED}:
        assert partner.purchase_counts.total() == 0
    assert len(set(partner.request_ids)) <= 1
    assert len(set(partner.correlation_ids)) <= 1


@pytest.mark.parametrize("moment", MOMENTS[:6])
async def test_an_operation_without_faults_ends_done_after_any_crash(moment: str) -> None:
    partner = FakePartner(FakeClock())
    ended, _ = await carried_out(partner, [moment], forgets=True)
    assert ended.outcome.state is OperationState.DONE
    assert partner.purchase_counts.total() == 1


async def test_an_attempt_of_another_process_is_reconciled_and_not_sent() -> None:
    partner = FakePartner(FakeClock())
    ended, _ = await carried_out(partner, ["before send"])
    outcomes = [each.result.outcome for each in ended.attempts if each.result]
    assert outcomes == [AttemptOutcome.UNANSWERED, AttemptOutcome.SUCCEEDED]
    assert len(partner.request_ids) == 1


async def test_a_refusal_after_a_lost_response_is_reconciled() -> None:
    fates = in_turn(SendFate.REQUEST_LOST, SendFate.RESPONSE_LOST, SendFate.REFUSED)
    partner = FakePartner(FakeClock(), fates)
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.DONE


async def test_the_backoff_doubles_up_to_a_minute_within_the_idempotency_window() -> None:
    clock = FakeClock()
    ended, _ = await carried_out(FakePartner(clock, in_turn(*[SendFate.REQUEST_LOST] * 100)), [])
    assert ended.outcome.state is OperationState.IN_DOUBT
    assert clock.slept[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sum(clock.slept) < 600


async def test_an_order_that_cannot_be_sent_fails_after_an_hour() -> None:
    clock = FakeClock()
    partner = FakePartner(clock, in_turn(*[SendFate.NEVER_SENT] * 1000))
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.FAILED
    assert 3540 <= sum(clock.slept) <= 3660


async def test_the_wait_after_a_429_is_its_retry_after() -> None:
    clock = FakeClock()
    await carried_out(FakePartner(clock, in_turn(SendFate.THROTTLED)), [])
    assert clock.slept == [57]


# Slots


class Slots(FakePartner):
    """A fake vendor with slots that orders wait for.

    Attributes:
        waits_s: how long each order in turn waits for its slot.
        blockers: the blocker that each in turn gets after the wait instead of a slot.
        held: the number of held slots.
        when_held: called with each slot that is acquired.
    """

    def __init__(self, clock: FakeClock, fate: DecideFate | None = None) -> None:
        super().__init__(clock, fate or in_turn())
        self._clock = clock
        self.waits_s: list[float] = []
        self.blockers: list[Blocker | None] = []
        self.held = 0
        self.when_held: Callable[[], None] = lambda: None

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        if self.waits_s:
            self._clock.now += self.waits_s.pop(0)
        blocker = self.blockers.pop(0) if self.blockers else None
        if blocker is not None:
            return blocker
        self.held += 1
        self.when_held()
        return HeldOnce(self, partial(self.send, record, facts, correlation_id))

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        assert self.held == 0, "it would wait for itself"
        return await super().reconcile(record, facts)


@dataclass
class HeldOnce:
    slots: Slots
    sending: Callable[[], Awaitable[SendResult]]
    is_held: bool = True

    async def send(self) -> SendResult:
        assert self.is_held
        try:
            return await self.sending()
        finally:
            self.release()

    def release(self) -> None:
        self.slots.held -= self.is_held
        self.is_held = False


@dataclass
class FailingJournal(MemoryJournal):
    """Loses the ownership of the operation at an announcement."""

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        end = await act()
        if getattr(end, "intent", None) is not None:
            raise OwnershipLost("operation")
        return end


def workflows_of(partner: FakePartner) -> tuple[OperationWorkflow, SingleOperationHost]:
    numbers = itertools.count()
    alone = SingleOperationHost(partner.clock)
    return OperationWorkflow(partner, alone, partner.clock, lambda: f"id-{next(numbers)}"), alone


async def test_a_crash_while_waiting_for_a_slot_leaves_no_doubt() -> None:
    clock = FakeClock()
    partner = Slots(clock)
    ended, _ = await carried_out(
        partner,
        ["after check, before its commit"],
        policy=msgspec.structs.replace(POLICY, idempotency_window_s=0),
    )
    assert ended.outcome.state is OperationState.DONE
    assert [each.intent.number for each in ended.attempts] == [1]
    assert partner.purchase_counts.total() == 1


async def test_an_attempt_is_announced_after_it_has_its_slot() -> None:
    clock = FakeClock()
    partner = Slots(clock)
    began_at = clock.wall()
    partner.waits_s = [80.0]
    ended, _ = await carried_out(partner, [])
    assert [each.intent.at for each in ended.attempts] == [began_at + 80.0]


@pytest.mark.parametrize(("waits_s", "sent"), [(598.0, 2), (600.0, 1)])
async def test_an_attempt_is_not_repeated_after_the_idempotency_window(
    waits_s: float, sent: int
) -> None:
    partner = Slots(FakeClock(), in_turn(SendFate.REQUEST_LOST))
    partner.waits_s = [0.0, waits_s]
    ended, _ = await carried_out(partner, [])
    assert len(partner.request_ids) == sent
    assert ended.outcome.state is (OperationState.DONE if sent == 2 else OperationState.IN_DOUBT)
    assert partner.held == 0


async def test_the_backoff_doubles_while_no_slot_is_available() -> None:
    clock = FakeClock()
    partner = Slots(clock, in_turn(SendFate.NEVER_SENT))
    partner.blockers = [None, *[Blocker(message="no slot")] * 4]
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.DONE
    assert clock.slept == [1, 1, 2, 4, 8]
    assert len(ended.attempts) == 2


async def test_an_operation_that_never_gets_a_slot_fails_as_not_sent() -> None:
    partner = Slots(FakeClock())
    partner.blockers = [Blocker(message="no slot")] * 1000
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.FAILED
    assert ended.outcome.failure is not None
    assert ended.outcome.failure.code is UserErrorCode.NOT_SENT
    assert ended.attempts == ()


async def test_an_announcement_that_a_takeover_prevents_frees_the_slot() -> None:
    partner = Slots(FakeClock())
    workflows, _ = workflows_of(partner)
    with pytest.raises(OwnershipLost):
        await workflows.run(make_record(now=partner.clock.wall()), FailingJournal())
    assert partner.held == 0
    assert partner.request_ids == []


async def test_a_process_that_stalled_after_the_announcement_frees_the_slot_and_does_not_send() -> (
    None
):
    partner = Slots(FakeClock())
    workflows, _ = workflows_of(partner)
    owned = iter([False])

    class Overdue(SingleOperationHost):
        @property
        def may_send(self) -> bool:  # type: ignore[override]
            return next(owned, True)

    workflows = replace(workflows, host=Overdue(partner.clock))
    ended = await workflows.run(make_record(now=partner.clock.wall()), MemoryJournal())
    outcomes = [each.result.outcome for each in ended.attempts if each.result]
    assert outcomes == [AttemptOutcome.NEVER_SENT, AttemptOutcome.SUCCEEDED]
    assert partner.held == 0


async def test_a_cancellation_while_waiting_for_a_slot_prevents_the_announcement() -> None:
    partner = Slots(FakeClock())
    workflows, alone = workflows_of(partner)
    partner.when_held = partial(setattr, alone, "is_cancelled", always)
    ended = await workflows.run(make_record(now=partner.clock.wall()), MemoryJournal())
    assert ended.outcome.state is OperationState.CANCELLED
    assert partner.request_ids == []
    assert partner.held == 0


async def always(record: OperationRecord) -> bool:
    return True


class Beside(SingleOperationHost):
    """The operation has rivals; each read of the store returns the next tuple of them."""

    def __init__(self, clock: FakeClock, *reads: tuple[StoredOperation, ...]) -> None:
        super().__init__(clock)
        self._reads = list(reads)

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        return RivalOperations(record, self._reads.pop(0) if self._reads else ())


def rival(*steps: StoredStruct) -> StoredOperation:
    order = UpgradeOrder(
        SubscriptionKey("customer-1", "subscription-2"), "offer-1", UpgradeType.UPGRADE_ONLY
    )
    record = create_record(order, "another", "key", request_id="r", now=0.0, policy=Policy())
    return StoredOperation(record, steps)


class Shop(FakePartner):
    """Reconciliation finds one subscription, unless it was known before."""

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        if "target-1" in facts.known_ids:
            return ReconcileResult(at=self.clock.wall(), verdict=Verdict.NOT_DONE)
        return ReconcileResult(at=self.clock.wall(), verdict=Verdict.DONE, reference="target-1")


ANNOUNCED = CheckResult(
    at=0.0, intent=AttemptIntent(number=1, correlation_id="c", process_run_id="one", at=0.0)
)
UNANSWERED = SendResult(outcome=AttemptOutcome.UNANSWERED, at=0.0)
ACCEPTED = SendResult(outcome=AttemptOutcome.SUCCEEDED, at=0.0, reference="Target-1")


async def run_beside(*reads: tuple[StoredOperation, ...]) -> tuple[OperationResult, list[str]]:
    """Run an operation whose first response is lost. Also returns the sent request ids."""
    clock = FakeClock()
    partner, numbers = Shop(clock, in_turn(SendFate.REQUEST_LOST)), itertools.count()
    workflows = OperationWorkflow(
        partner, Beside(clock, *reads), clock, lambda: f"id-{next(numbers)}"
    )
    ended = await workflows.run(make_record(now=clock.wall()), MemoryJournal())
    return ended, partner.request_ids


async def test_a_purchase_that_a_rival_may_have_made_is_in_doubt() -> None:
    ended, sent = await run_beside((), (rival(ANNOUNCED, UNANSWERED),))
    assert ended.outcome.state is OperationState.IN_DOUBT
    assert len(sent) == 1


async def test_reconciliation_waits_for_the_response_to_a_rival() -> None:
    pending = (rival(ANNOUNCED),)
    ended, sent = await run_beside(pending, pending, pending, pending)
    assert ended.outcome.state is OperationState.DONE
    assert ended.outcome.reference == "target-1"
    assert len(sent) == 1


async def test_the_purchase_of_a_rival_is_ignored_and_the_order_is_sent_again() -> None:
    bought = (rival(ANNOUNCED, ACCEPTED),)
    ended, sent = await run_beside((rival(ANNOUNCED),), (rival(ANNOUNCED),), bought)
    assert ended.outcome.state is OperationState.DONE
    assert ended.outcome.evidence is None
    assert sent == ["request-1", "request-1"]
