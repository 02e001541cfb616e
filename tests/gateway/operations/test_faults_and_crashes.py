"""Many operations, a vendor at its worst, processes that die: a machine that plays them all."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.operations.model.record import OperationRecord, Policy, create_record
from schema.keys import SubscriptionKey
from schema.operation import OperationState
from tests.support.canned_results import SendFate
from tests.support.clock import ManualClock
from tests.support.fake_partner import ORDER, FakePartner
from tests.support.fake_process import FakeProcess, OperationRow

FATES = [fate for fate in SendFate if fate is not SendFate.DONE]
# What hurts most, which chance alone would seldom bring together.
STORIES = [
    [SendFate.LATE, SendFate.REFUSED],
    [SendFate.LATE, SendFate.THROTTLED],
    [SendFate.REQUEST_LOST, SendFate.RESPONSE_LOST],
]
MOMENTS = [
    moment
    for name in ("check", "send", "announce", "look", "wait")
    for moment in (f"before {name}", f"after {name}, before its commit", f"after {name}")
]
POLICY = Policy(idempotency_window_s=600, retry_timeout_s=3600, initial_backoff_s=1)
NOT_BOUGHT = {OperationState.REFUSED, OperationState.FAILED, OperationState.CANCELLED}
LONG_S = 4000.0


class Upgrades(RuleBasedStateMachine):
    """Orders, faults and deaths in any order; what must hold is asserted after each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.fates: list[SendFate] = []
        self.market = FakePartner(self.clock, self.next_fate)
        self.store: dict[str, OperationRow] = {}
        self.submitted: dict[str, OperationRecord] = {}
        self.runs = 0
        self.process = self.started("")

    def next_fate(self, record: OperationRecord) -> SendFate:
        return self.fates.pop(0) if self.fates else SendFate.DONE

    def act(self, act: Callable[[], object]) -> None:
        """Do something inside the loop, and let everything run until it sleeps."""

        async def acted() -> None:
            act()
            for _ in range(12):
                await asyncio.sleep(0)

        self.loop.run_until_complete(acted())

    def started(self, dies_at: str) -> FakeProcess:
        async def start() -> FakeProcess:
            self.runs += 1
            return FakeProcess(self.runs, self.store, self.market, self.clock, dies_at)

        return self.loop.run_until_complete(start())

    @precondition(lambda self: not self.process.is_killed)
    @rule(key=st.integers(1, 12), subscription=st.integers(1, 8))
    def order(self, key: int, subscription: int) -> None:
        """The same key orders the same as before, whatever else is asked for."""
        source = SubscriptionKey("customer-1", f"subscription-{subscription}")
        record = create_record(
            replace(ORDER, source=source),
            "somebody",
            f"key-{key}",
            request_id=f"request-{key}",
            now=self.clock.wall(),
            policy=POLICY,
        )
        known = self.submitted.setdefault(record.id, record)
        self.act(lambda: self.process.submit(known))

    @rule(fates=st.sampled_from(STORIES) | st.lists(st.sampled_from(FATES), max_size=6))
    def plan_fates(self, fates: list[SendFate]) -> None:
        self.fates[:0] = fates

    @rule(seconds=st.sampled_from([1.0, 57.0, 300.0]))
    def time_passes(self, seconds: float) -> None:
        self.market.deliver()
        self.act(lambda: self.clock.advance(seconds))

    @rule()
    def the_vendor_forgets(self) -> None:
        self.market.forget()

    @precondition(lambda self: self.store and not self.process.is_killed)
    @rule(which=st.integers(0, 11))
    def cancel(self, which: int) -> None:
        ids = list(self.store)
        self.act(lambda: self.process.cancel(ids[which % len(ids)]))

    @rule(dies_at=st.sampled_from(["", *MOMENTS]))
    def die_and_start_again(self, dies_at: str) -> None:
        """The next process dies too, at a moment of its first step of a kind."""
        self.act(self.process.kill)
        self.loop.run_until_complete(self.process.join())
        self.process = self.started(dies_at)
        self.act(lambda: None)

    @invariant()
    def nothing_is_bought_twice_for_one_key(self) -> None:
        assert all(count == 1 for count in self.market.purchase_counts.values()), (
            self.market.purchase_counts
        )

    @invariant()
    def ends_are_true(self) -> None:
        for kept in self.store.values():
            state = kept.ended.outcome.state if kept.ended else None
            bought = self.market.purchase_counts[kept.record.request_id]
            assert state is not OperationState.DONE or bought == 1
            assert state not in NOT_BOUGHT or bought == 0

    @invariant()
    def nothing_is_lost(self) -> None:
        assert set(self.store) == set(self.submitted)
        if not self.process.is_killed:
            running = set(self.process.running())
            assert all(kept.ended or key in running for key, kept in self.store.items())

    def teardown(self) -> None:
        """After all the trouble every operation comes to an end."""
        self.fates.clear()
        self.die_and_start_again("")
        for _ in range(40):
            self.time_passes(LONG_S / 40)
        try:
            self.ends_are_true()
            self.nothing_is_bought_twice_for_one_key()
            assert all(kept.ended for kept in self.store.values())
        finally:
            self.act(self.process.kill)
            self.loop.run_until_complete(self.process.join())
            self.loop.close()


Upgrades.TestCase.settings = settings(max_examples=100, stateful_step_count=30)
TestUpgrades = Upgrades.TestCase
