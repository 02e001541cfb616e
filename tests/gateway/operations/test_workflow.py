"""The workflow over a pretended vendor: every fault and every crash, in any order."""

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
from tests.support.clock import FakeClock
from tests.support.fake_partner import (
    POLICY,
    Crash,
    FakePartner,
    MemoryJournal,
    SingleOperationHost,
    make_record,
)

S = TypeVar("S", bound=StoredStruct)

MOMENTS = [
    f"{moment}"
    for name in ("check", "send", "announce", "look", "wait")
    for moment in (f"before {name}", f"after {name}, before its commit", f"after {name}")
]
FATES = ["done", "never sent", "throttled", "request lost", "answer lost", "refused"]


async def carried_out(
    partner: FakePartner,
    crashes: list[str],
    *,
    forgets: bool = False,
    policy: Policy = POLICY,
) -> tuple[OperationResult, list[object]]:
    """Run an operation through the crashes, each of them once, restarting after each."""
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
    script=st.lists(st.sampled_from(FATES), max_size=6),
    crashes=st.lists(st.sampled_from(MOMENTS), max_size=5),
    forgets=st.booleans(),
)
@settings(max_examples=300)
async def test_whatever_happens_it_is_bought_at_most_once_and_the_end_is_true(
    script: list[str], crashes: list[str], forgets: bool
) -> None:
    partner = FakePartner(FakeClock(), list(script))

    ended, _ = await carried_out(partner, crashes, forgets=forgets)

    assert partner.purchases <= 1
    state = ended.outcome.state
    if state is OperationState.DONE:
        assert partner.purchases == 1
    if state in {OperationState.REFUSED, OperationState.FAILED}:
        assert partner.purchases == 0
    assert len(set(partner.sent)) <= 1
    assert len(set(partner.correlation_ids)) == len(partner.correlation_ids)


@pytest.mark.parametrize("moment", MOMENTS[:6])
async def test_a_crash_anywhere_on_the_straight_way_ends_done(moment: str) -> None:
    partner = FakePartner(FakeClock())
    ended, _ = await carried_out(partner, [moment], forgets=True)
    assert ended.outcome.state is OperationState.DONE
    assert partner.purchases == 1


async def test_an_attempt_of_another_process_is_not_sent_but_looked_for() -> None:
    partner = FakePartner(FakeClock())
    ended, _ = await carried_out(partner, ["before send"])
    outcomes = [each.result.outcome for each in ended.attempts if each.result]
    assert outcomes == [AttemptOutcome.UNANSWERED, AttemptOutcome.SUCCEEDED]
    assert len(partner.sent) == 1


async def test_a_refusal_after_a_lost_answer_is_not_believed() -> None:
    partner = FakePartner(FakeClock(), ["request lost", "answer lost", "refused"])
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.DONE


async def test_pauses_double_up_to_a_minute_until_the_vendor_forgets() -> None:
    clock = FakeClock()
    ended, _ = await carried_out(FakePartner(clock, ["request lost"] * 100), [])
    assert ended.outcome.state is OperationState.IN_DOUBT
    assert clock.slept[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sum(clock.slept) < 600


async def test_what_cannot_be_sent_is_given_up_after_an_hour() -> None:
    clock = FakeClock()
    partner = FakePartner(clock, ["never sent"] * 1000)
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.FAILED
    assert 3540 <= sum(clock.slept) <= 3660


async def test_a_429_is_waited_for_exactly_as_long_as_asked() -> None:
    clock = FakeClock()
    await carried_out(FakePartner(clock, ["throttled"]), [])
    assert clock.slept == [57]


# Slots


class Slots(FakePartner):
    """A pretended vendor before whom orders wait.

    Attributes:
        waits_s: how long each order in turn waits for its slot.
        troubles: what each in turn meets instead of a slot, once it has waited.
        held: how many slots are held.
        when_held: called with each slot that is acquired.
    """

    def __init__(self, clock: FakeClock, script: list[str] | None = None) -> None:
        super().__init__(clock, script or [])
        self.waits_s: list[float] = []
        self.troubles: list[Blocker | None] = []
        self.held = 0
        self.when_held: Callable[[], None] = lambda: None

    async def acquire_slot(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendSlot | Blocker:
        if self.waits_s:
            self.clock.now += self.waits_s.pop(0)
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            return trouble
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
    """Loses the operation when an attempt is to be announced."""

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        end = await act()
        if getattr(end, "intent", None) is not None:
            raise OwnershipLost("operation")
        return end


def workflows_of(partner: FakePartner) -> tuple[OperationWorkflow, SingleOperationHost]:
    numbers = itertools.count()
    alone = SingleOperationHost(partner.clock)
    return OperationWorkflow(partner, alone, partner.clock, lambda: f"id-{next(numbers)}"), alone


async def test_a_death_while_it_waits_for_its_slot_leaves_nothing_to_doubt() -> None:
    clock = FakeClock()
    partner = Slots(clock)
    ended, _ = await carried_out(
        partner,
        ["after check, before its commit"],
        policy=msgspec.structs.replace(POLICY, idempotency_window_s=0),
    )
    assert ended.outcome.state is OperationState.DONE
    assert [each.intent.number for each in ended.attempts] == [1]
    assert partner.purchases == 1


async def test_an_attempt_is_announced_when_it_has_its_slot() -> None:
    clock = FakeClock()
    partner = Slots(clock)
    began_at = clock.wall()
    partner.waits_s = [80.0]
    ended, _ = await carried_out(partner, [])
    assert [each.intent.at for each in ended.attempts] == [began_at + 80.0]


@pytest.mark.parametrize(("waits_s", "sent"), [(598.0, 2), (600.0, 1)])
async def test_what_waits_until_the_vendor_has_forgotten_is_not_sent_again(
    waits_s: float, sent: int
) -> None:
    partner = Slots(FakeClock(), ["request lost"])
    partner.waits_s = [0.0, waits_s]
    ended, _ = await carried_out(partner, [])
    assert len(partner.sent) == sent
    assert ended.outcome.state is (OperationState.DONE if sent == 2 else OperationState.IN_DOUBT)
    assert partner.held == 0


async def test_what_is_in_the_way_of_a_slot_is_waited_for_longer_each_time() -> None:
    clock = FakeClock()
    partner = Slots(clock, ["never sent"])
    partner.troubles = [None, *[Blocker(message="no slot")] * 4]
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.DONE
    assert clock.slept == [1, 1, 2, 4, 8]
    assert len(ended.attempts) == 2


async def test_what_never_gets_a_slot_was_never_sent() -> None:
    partner = Slots(FakeClock())
    partner.troubles = [Blocker(message="no slot")] * 1000
    ended, _ = await carried_out(partner, [])
    assert ended.outcome.state is OperationState.FAILED
    assert ended.outcome.failure is not None
    assert ended.outcome.failure.code is UserErrorCode.NOT_SENT
    assert ended.attempts == ()


async def test_an_announcement_that_another_process_prevents_frees_the_slot() -> None:
    partner = Slots(FakeClock())
    workflows, _ = workflows_of(partner)
    with pytest.raises(OwnershipLost):
        await workflows.run(make_record(now=partner.clock.wall()), FailingJournal())
    assert partner.held == 0
    assert partner.sent == []


async def test_who_stood_still_after_the_announcement_does_not_send_and_frees_the_slot() -> None:
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


async def test_what_is_cancelled_while_it_waits_for_its_slot_is_not_announced() -> None:
    partner = Slots(FakeClock())
    workflows, alone = workflows_of(partner)
    partner.when_held = partial(setattr, alone, "is_cancelled", always)
    ended = await workflows.run(make_record(now=partner.clock.wall()), MemoryJournal())
    assert ended.outcome.state is OperationState.CANCELLED
    assert partner.sent == []
    assert partner.held == 0


async def always(record: OperationRecord) -> bool:
    return True


class Beside(SingleOperationHost):
    """The operation has others beside it, as the store has them at one read after another."""

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
    """Says which subscription a look has found, unless it was known before."""

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        if "target-1" in facts.known_ids:
            return ReconcileResult(at=self.clock.wall(), verdict=Verdict.NOT_DONE)
        return ReconcileResult(at=self.clock.wall(), verdict=Verdict.DONE, reference="target-1")


ANNOUNCED = CheckResult(
    at=0.0, intent=AttemptIntent(number=1, correlation_id="c", process_run_id="one", at=0.0)
)
UNANSWERED = SendResult(outcome=AttemptOutcome.UNANSWERED, at=0.0)
ACCEPTED = SendResult(outcome=AttemptOutcome.SUCCEEDED, at=0.0, reference="Target-1")


async def looked_beside(*reads: tuple[StoredOperation, ...]) -> tuple[OperationResult, list[str]]:
    """Carry out an operation whose first response is lost; returns its sendings too."""
    clock = FakeClock()
    partner, numbers = Shop(clock, ["request lost"]), itertools.count()
    workflows = OperationWorkflow(
        partner, Beside(clock, *reads), clock, lambda: f"id-{next(numbers)}"
    )
    ended = await workflows.run(make_record(now=clock.wall()), MemoryJournal())
    return ended, partner.sent


async def test_what_another_operation_may_have_made_is_in_doubt() -> None:
    ended, sent = await looked_beside((), (rival(ANNOUNCED, UNANSWERED),))
    assert ended.outcome.state is OperationState.IN_DOUBT
    assert len(sent) == 1


async def test_the_response_to_another_operation_is_waited_for() -> None:
    pending = (rival(ANNOUNCED),)
    ended, sent = await looked_beside(pending, pending, pending, pending)
    assert ended.outcome.state is OperationState.DONE
    assert ended.outcome.reference == "target-1"
    assert len(sent) == 1


async def test_what_another_operation_has_bought_is_not_its_own_and_it_is_sent_again() -> None:
    bought = (rival(ANNOUNCED, ACCEPTED),)
    ended, sent = await looked_beside((rival(ANNOUNCED),), (rival(ANNOUNCED),), bought)
    assert ended.outcome.state is OperationState.DONE
    assert ended.outcome.evidence is None
    assert sent == ["request-1", "request-1"]
