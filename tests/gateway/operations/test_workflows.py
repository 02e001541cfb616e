"""The workflow over a pretended vendor: every fault and every crash, in any order."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.operations.entries import Ended
from gateway.operations.workflows import Workflows
from schema.operation import AttemptOutcome, OperationState
from tests.support.clock import FakeClock
from tests.support.pretend_partner import (
    Alone,
    Crash,
    MemoryJournal,
    PretendPartner,
    record_of,
)

MOMENTS = [
    f"{moment}"
    for name in ("check", "send", "announce", "look", "wait")
    for moment in (f"before {name}", f"after {name}, before its commit", f"after {name}")
]
FATES = ["done", "never sent", "throttled", "request lost", "answer lost", "refused"]


async def carried_out(
    partner: PretendPartner, crashes: list[str], *, forgets: bool = False
) -> tuple[Ended, list[object]]:
    """Run an operation through the crashes, each of them once, restarting after each."""
    journal_ends: list[object] = []
    numbers = itertools.count()
    record = record_of(now=partner.clock.wall())
    pending = list(crashes)

    def dies(moment: str) -> bool:
        if pending and pending[0] == moment:
            pending.pop(0)
            return True
        return False

    while True:
        workflows = Workflows(
            partner,
            Alone(partner.clock, f"run-{next(numbers)}"),
            partner.clock,
            lambda: f"id-{next(numbers)}",
        )
        journal = MemoryJournal(journal_ends, dies)
        try:
            return await workflows.upgrade_subscription(record, journal), journal_ends
        except Crash:
            if forgets:
                partner.remembered.clear()


@given(
    script=st.lists(st.sampled_from(FATES), max_size=6),
    crashes=st.lists(st.sampled_from(MOMENTS), max_size=5),
    forgets=st.booleans(),
)
@settings(max_examples=300)
async def test_whatever_happens_it_is_bought_at_most_once_and_the_end_is_true(
    script: list[str], crashes: list[str], forgets: bool
) -> None:
    partner = PretendPartner(FakeClock(), list(script))

    ended, _ = await carried_out(partner, crashes, forgets=forgets)

    assert partner.purchases <= 1
    state = ended.ending.state
    if state is OperationState.DONE:
        assert partner.purchases == 1
    if state in {OperationState.REFUSED, OperationState.FAILED}:
        assert partner.purchases == 0
    assert len(set(partner.sent)) <= 1
    assert len(set(partner.correlation_ids)) == len(partner.correlation_ids)


@pytest.mark.parametrize("moment", MOMENTS[:6])
async def test_a_crash_anywhere_on_the_straight_way_ends_done(moment: str) -> None:
    partner = PretendPartner(FakeClock())
    ended, _ = await carried_out(partner, [moment], forgets=True)
    assert ended.ending.state is OperationState.DONE
    assert partner.purchases == 1


async def test_an_attempt_of_another_process_is_not_sent_but_looked_for() -> None:
    partner = PretendPartner(FakeClock())
    ended, _ = await carried_out(partner, ["before send"])
    outcomes = [each.sent.outcome for each in ended.attempts if each.sent]
    assert outcomes == [AttemptOutcome.UNANSWERED, AttemptOutcome.SUCCEEDED]
    assert len(partner.sent) == 1


async def test_a_refusal_after_a_lost_answer_is_not_believed() -> None:
    partner = PretendPartner(FakeClock(), ["request lost", "answer lost", "refused"])
    ended, _ = await carried_out(partner, [])
    assert ended.ending.state is OperationState.DONE


async def test_pauses_double_up_to_a_minute_until_the_vendor_forgets() -> None:
    clock = FakeClock()
    ended, _ = await carried_out(PretendPartner(clock, ["request lost"] * 100), [])
    assert ended.ending.state is OperationState.IN_DOUBT
    assert clock.slept[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sum(clock.slept) < 600


async def test_what_cannot_be_sent_is_given_up_after_an_hour() -> None:
    clock = FakeClock()
    partner = PretendPartner(clock, ["never sent"] * 1000)
    ended, _ = await carried_out(partner, [])
    assert ended.ending.state is OperationState.FAILED
    assert 3540 <= sum(clock.slept) <= 3660


async def test_a_429_is_waited_for_exactly_as_long_as_asked() -> None:
    clock = FakeClock()
    await carried_out(PretendPartner(clock, ["throttled"]), [])
    assert clock.slept == [57]
