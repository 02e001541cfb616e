"""How the lines of a batch are carried out, over a pretended vendor."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.operations.model.record import OperationRecord, Policy, principal_prefix
from gateway.operations.model.steps import Baseline, Blocker, CheckResult, SendResult
from resolvers.ports.batches import BatchAlreadyEnded
from resolvers.ports.errors import OperationsUnavailable
from schema.batch import BatchState
from schema.operation import OperationState
from tests.gateway.operations.batching import (
    batches_of,
    final,
    held,
    lines_of,
    order,
    orders,
    product_upgrade,
    running,
    throttled_once,
    transition,
    until,
)
from tests.support.canned_results import SendFate
from tests.support.clock import FakeClock, ManualClock
from tests.support.fake_partner import FakePartner, in_turn
from tests.support.waiting import HANG_TIMEOUT_S


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite only: the database makes no difference to the slot of a line."""
    return f"sqlite:///{tmp_path}/operations.db"


async def test_a_throttled_customer_delays_no_other(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, throttled_once("busy-1"))
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("busy", "busy", "a", "b", "b", "c"), "key-1")
        waiting = await held(clock, batches, batch, waiting=1, done=4)
        busy = (await lines_of(batches, batch))[0].operation
        sent_before = [each for each in market.sends if each.startswith("busy")]
        clock.advance(56.9)
        still = await batches.find(batch.id)
        clock.advance(0.2)
        ended = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)

    assert waiting.counts.waiting == 1
    assert waiting.counts.queued == 1
    assert busy.state is OperationState.WAITING
    assert busy.retry_at is not None
    assert busy.retry_at.timestamp() == clock.wall() - 57.1 + 57
    assert sent_before == ["busy-1"]
    assert still == waiting
    assert ended.state is BatchState.COMPLETED
    assert ended.counts.done == 6
    assert [each for each in market.sends if each.startswith("busy")] == [
        "busy-1",
        "busy-1",
        "busy-2",
    ]


async def test_throttled_customers_leave_slots_to_others(database_url: str) -> None:
    clock = ManualClock()
    crowd = [f"busy{number}" for number in range(12)]
    market = FakePartner(clock, throttled_once(*(f"{customer}-1" for customer in crowd)))
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders(*crowd, "a", "b"), "key-1")
        waiting = await held(clock, batches, batch, waiting=12, done=2)
        clock.advance(57.1)
        ended = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
    assert waiting.state is BatchState.RUNNING
    assert ended.counts.done == 14


async def test_a_line_started_late_is_retried_as_long_as_any_other(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, throttled_once("busy-1", "busy-2"))
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("busy", "busy"), "key-1")
        await held(clock, batches, batch, waiting=1, done=0)
        clock.advance(Policy().retry_timeout_s + 1)
        second = await held(clock, batches, batch, waiting=1, done=1)
        clock.advance(57.1)
        ended = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)

    assert second.counts.failed == 0
    assert ended.counts.done == 2


async def test_sent_lines_are_finished_after_a_cancellation(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, in_turn(SendFate.RESPONSE_LOST), hides_purchases=True)
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a", "a"), "key-1")
        await held(clock, batches, batch, waiting=1, done=0)
        cancelling = await batches.cancel(batch.id)
        market.hides_purchases = False
        clock.advance(60)
        ended = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)

    assert cancelling is not None
    assert cancelling.state is BatchState.CANCELLING
    assert (ended.counts.done, ended.counts.cancelled) == (1, 1)


async def test_an_ended_batch_cannot_be_cancelled(database_url: str) -> None:
    async with running(database_url, FakePartner(FakeClock())) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a"), "key-1")
        await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        with pytest.raises(BatchAlreadyEnded):
            await batches.cancel(batch.id)


async def test_without_a_store_no_batch_starts(database_url: str) -> None:
    market = FakePartner(FakeClock())
    async with running(database_url, market) as engine:
        batch = await batches_of(engine).submit(orders("a"), "key-1")
        await batches_of(engine).wait_for_outcome(batch.id, HANG_TIMEOUT_S)
    with pytest.raises(OperationsUnavailable):
        await batches_of(engine).submit(orders("b"), "key-2")
    with pytest.raises(OperationsUnavailable):
        await batches_of(engine, "nobody").find(f"{principal_prefix('nobody')}1")
    assert list(market.purchases) == ["a-1"]


async def test_a_watcher_sees_the_start_and_the_end_of_a_batch(database_url: str) -> None:
    market = FakePartner(FakeClock())
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders(*"abcdefgh"), "key-1")
        seen = [each async for each in batches.watch(batch.id)]
    done = [each.counts.done for each in seen]
    assert done == sorted(done)
    assert seen[-1].state is BatchState.COMPLETED
    assert all(each.state is BatchState.RUNNING for each in seen[:-1])


class AbsentCaller(FakePartner):
    """Knows nobody's token."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        blocker = Blocker(message="nobody is there", needs_credentials=True)
        return CheckResult(at=self.clock.wall(), blocker=blocker)


async def test_lines_that_wait_for_their_caller_can_be_cancelled(database_url: str) -> None:
    async with running(database_url, AbsentCaller(FakeClock())) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders(*"abcdefgh"), "key-1")
        await until(batches, batch, lambda found: found.counts.waiting == 8)
        await batches.cancel(batch.id)
        ended = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
    assert ended.counts.cancelled == 8


async def test_lines_of_one_customer_run_one_after_another(database_url: str) -> None:
    at_work: set[str] = set()
    most = 0

    class Watched(FakePartner):
        async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
            nonlocal most
            assert record.order.customer_id not in at_work
            at_work.add(record.order.customer_id)
            most = max(most, len(at_work))
            await asyncio.sleep(0)
            at_work.discard(record.order.customer_id)
            return await super().check(record, correlation_id)

    market = Watched(FakeClock())
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        first = await batches.submit(orders(*"aabbccddeeff"), "key-1")
        more = [replace(each, target_offer_id="offer-2") for each in orders(*"aabb")]
        second = await batches.submit(more, "key-2")
        await batches.wait_for_outcome(first.id, HANG_TIMEOUT_S)
        await batches.wait_for_outcome(second.id, HANG_TIMEOUT_S)
    assert most <= 4
    assert [each for each in market.sends if each.startswith("a")] == ["a-1", "a-2"]


async def test_polled_lines_leave_their_slots_to_others(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, is_slow=True)
    polled = [transition(f"slow{number}", f"slow{number}-1") for number in range(6)]
    polled_too = [product_upgrade(f"azure{number}") for number in range(6)]
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        wanted = [*polled, *polled_too, order("slow0", "slow0-2"), *orders("a", "b", "b")]
        batch = await batches.submit(wanted, "key-1")
        while_polled = await until(
            batches,
            batch,
            lambda found: (found.counts.done, found.counts.running) == (3, 12),
        )
        kinds = [line.operation.kind.name for line in await lines_of(batches, batch)]
        sent_before = list(market.sends)
        market.is_slow = False
        ended = await final(clock, batches, batch)

    # The other line of a customer waits for the polled one.
    assert while_polled.counts.queued == 1
    assert "slow0-2" not in sent_before
    assert kinds == [each.kind for each in wanted]
    assert ended.counts.done == len(wanted)
    assert len(market.sends) == len(wanted)


async def test_customers_whose_lines_are_polled_leave_their_places_to_others(
    database_url: str,
) -> None:
    clock = ManualClock()
    market = FakePartner(clock, is_slow=True)
    # More customers than are in progress at once.
    polled = [transition(f"slow{number}", f"slow{number}-1") for number in range(513)]
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit([*polled, *orders("a")], "key-1")
        found = await until(batches, batch, lambda found: found.counts.done == 1)
    assert found.counts.open == len(polled)


async def test_a_stop_does_not_wait_for_an_order_that_the_vendor_still_executes(
    database_url: str,
) -> None:
    sending, response = asyncio.Event(), asyncio.Event()

    class SlowToRespond(FakePartner):
        async def send(
            self, record: OperationRecord, facts: Baseline, correlation_id: str
        ) -> SendResult:
            sending.set()
            await response.wait()
            return await super().send(record, facts, correlation_id)

    market = SlowToRespond(ManualClock(), is_slow=True)
    async with asyncio.timeout(HANG_TIMEOUT_S / 2):
        async with running(database_url, market) as engine:
            batches = batches_of(engine)
            batch = await batches.submit([transition("a", "a-1")], "key-1")
            await sending.wait()
            asyncio.get_running_loop().call_later(0.1, response.set)
    clock = ManualClock()
    async with running(database_url, FakePartner(clock)) as engine:
        found = await final(clock, batches_of(engine), batch)
    assert found.counts.done == 1
    assert market.sends == ["a-1"]
