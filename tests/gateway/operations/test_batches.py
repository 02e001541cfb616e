"""Batches over a pretended vendor and a real store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.operations.engine import Engine
from gateway.operations.opening import store_at
from gateway.operations.principal import PrincipalOperations
from gateway.operations.principal_batches import PrincipalBatches
from gateway.operations.record import Checked, Policy, Record, Trouble, principal_prefix
from resolvers.orders import UpgradeOrder
from resolvers.ports.batches import BatchEnded
from resolvers.ports.operations import OperationsKey
from resolvers.ports.refusals import KeyReused, OperationsUnavailable
from schema.batch import BatchState, UpgradeBatch, UpgradeBatchLine
from schema.keys import BatchLinesKey, SubscriptionKey
from schema.operation import OperationState
from schema.upgrade import UpgradeType
from tests.support.clock import FakeClock, HeldClock
from tests.support.pretend_market import PretendMarket, subject
from tests.support.waiting import NEVER_S, PATIENT, eventually


@contextlib.asynccontextmanager
async def running(path: Path, market: PretendMarket) -> AsyncIterator[Engine]:
    store = store_at(f"sqlite:///{path}/operations.db")
    engine = Engine(store, market, market.clock, lines_at_once=4, patience=PATIENT)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(grace_s=NEVER_S)


def batches_of(engine: Engine, principal: str = "somebody") -> PrincipalBatches:
    return PrincipalBatches(engine, principal, Policy())


def operations_of(engine: Engine, principal: str = "somebody") -> PrincipalOperations:
    return PrincipalOperations(engine, principal, Policy())


def order(customer: str, subscription: str) -> UpgradeOrder:
    return UpgradeOrder(
        SubscriptionKey(customer, subscription), "offer-1", UpgradeType.UPGRADE_ONLY
    )


def orders(*customers: str) -> list[UpgradeOrder]:
    """One line for each name of a customer, whose subscriptions are numbered."""
    return [
        order(customer, f"{customer}-{customers[:index].count(customer) + 1}")
        for index, customer in enumerate(customers)
    ]


async def until(
    batches: PrincipalBatches, batch: UpgradeBatch, is_so: Callable[[UpgradeBatch], bool]
) -> UpgradeBatch:
    """Wait until a batch is as it should come to be."""
    found = await eventually(
        lambda: batches.batch(batch.id), lambda found: found is not None and is_so(found)
    )
    assert found is not None
    return found


async def held(
    clock: HeldClock, batches: PrincipalBatches, batch: UpgradeBatch, *, waiting: int, done: int
) -> UpgradeBatch:
    """Wait until so many lines sleep by the clock and so many are done."""

    def is_so(found: UpgradeBatch) -> bool:
        return (found.counts.waiting, found.counts.done, clock.asleep) == (waiting, done, waiting)

    return await until(batches, batch, is_so)


async def final(clock: HeldClock, batches: PrincipalBatches, batch: UpgradeBatch) -> UpgradeBatch:
    """Let time pass until every line has ended; after a restart some wait for others to begin."""

    def is_final(found: UpgradeBatch) -> bool:
        clock.advance(60)
        return found.state in {BatchState.DONE, BatchState.CANCELLED}

    return await until(batches, batch, is_final)


async def lines_of(batches: PrincipalBatches, batch: UpgradeBatch) -> Sequence[UpgradeBatchLine]:
    return (await batches.lines(BatchLinesKey(batch.id, 100))).lines


def throttled_once(*subscriptions: str) -> Callable[[Record], str]:
    """A fate: the first sending of each is answered by 429 with Retry-After: 57."""
    left = set(subscriptions)

    def fate(record: Record) -> str:
        if subject(record) in left:
            left.discard(subject(record))
            return "throttled"
        return "done"

    return fate


async def test_a_throttled_customer_delays_no_other(tmp_path: Path) -> None:
    clock = HeldClock()
    market = PretendMarket(clock, throttled_once("busy-1"))
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("busy", "busy", "a", "b", "b", "c"), "key-1")
        waiting = await held(clock, batches, batch, waiting=1, done=4)
        busy = (await lines_of(batches, batch))[0].operation
        sent_before = [each for each in market.sendings if each.startswith("busy")]
        clock.advance(56.9)
        still = await batches.batch(batch.id)
        clock.advance(0.2)
        ended = await batches.outcome(batch.id, NEVER_S)

    assert waiting.counts.waiting == 1
    assert waiting.counts.accepted == 1
    assert busy.state is OperationState.WAITING
    assert busy.retry_at is not None
    assert busy.retry_at.timestamp() == clock.wall() - 57.1 + 57
    assert sent_before == ["busy-1"]
    assert still == waiting
    assert ended.state is BatchState.DONE
    assert ended.counts.done == 6
    assert [each for each in market.sendings if each.startswith("busy")] == [
        "busy-1",
        "busy-1",
        "busy-2",
    ]


async def test_many_throttled_customers_leave_places_to_others(tmp_path: Path) -> None:
    clock = HeldClock()
    crowd = [f"busy{number}" for number in range(12)]
    market = PretendMarket(clock, throttled_once(*(f"{customer}-1" for customer in crowd)))
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders(*crowd, "a", "b"), "key-1")
        waiting = await held(clock, batches, batch, waiting=12, done=2)
        clock.advance(57.1)
        ended = await batches.outcome(batch.id, NEVER_S)
    assert waiting.state is BatchState.RUNNING
    assert ended.counts.done == 14


async def test_a_line_begun_late_is_tried_as_long_as_any_other(tmp_path: Path) -> None:
    clock = HeldClock()
    market = PretendMarket(clock, throttled_once("busy-1", "busy-2"))
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("busy", "busy"), "key-1")
        await held(clock, batches, batch, waiting=1, done=0)
        clock.advance(Policy().give_up_s + 1)
        second = await held(clock, batches, batch, waiting=1, done=1)
        clock.advance(57.1)
        ended = await batches.outcome(batch.id, NEVER_S)

    assert second.counts.failed == 0
    assert ended.counts.done == 2


async def test_a_batch_goes_on_after_a_restart_and_buys_nothing_twice(tmp_path: Path) -> None:
    clock = HeldClock()
    wanted = orders("busy", "busy", "a", "b")
    market = PretendMarket(clock, throttled_once("busy-1"))
    async with running(tmp_path, market) as engine:
        batch = await batches_of(engine).submit(wanted, "key-1")
        await held(clock, batches_of(engine), batch, waiting=1, done=2)
        requests = [line.operation.request_id for line in await lines_of(batches_of(engine), batch)]
    async with running(tmp_path, market) as engine:
        again = await batches_of(engine).submit(wanted, "key-1")
        ended = await final(clock, batches_of(engine), batch)
        lines = await lines_of(batches_of(engine), batch)

    assert again.id == batch.id
    assert ended.counts.done == 4
    assert [line.operation.request_id for line in lines] == requests
    assert sorted(market.sendings) == ["a-1", "b-1", "busy-1", "busy-1", "busy-2"]


async def test_an_ended_batch_is_read_after_a_restart(tmp_path: Path) -> None:
    market = PretendMarket(
        FakeClock(), lambda record: "refused" if subject(record) == "b-1" else "done"
    )
    async with running(tmp_path, market) as engine:
        batch = await batches_of(engine).submit(orders("a", "b", "a"), "key-1")
        ended = await batches_of(engine).outcome(batch.id, NEVER_S)
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        later = await batches.outcome(batch.id, NEVER_S)
        refused = await batches.lines(
            BatchLinesKey(batch.id, 10, states=frozenset({OperationState.REFUSED}))
        )
        seen = [each async for each in batches.watch(batch.id)]

    assert ended.state is BatchState.DONE
    assert (ended.counts.done, ended.counts.refused, ended.counts.open) == (2, 1, 0)
    assert later.counts == ended.counts
    assert [line.number for line in refused.lines] == [2]
    assert seen == [later]


async def test_cancelled_unsent_lines_are_never_sent(tmp_path: Path) -> None:
    clock = HeldClock()
    market = PretendMarket(clock, throttled_once("busy-1"))
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("busy", "busy", "busy", "a"), "key-1")
        await held(clock, batches, batch, waiting=1, done=1)
        await batches.cancel(batch.id)
        ended = await batches.outcome(batch.id, NEVER_S)
        again = await batches.cancel(batch.id)
        states = [line.operation.state for line in await lines_of(batches, batch)]
    async with running(tmp_path, market) as engine:
        later = await batches_of(engine).batch(batch.id)
        unbegun = await operations_of(engine).operation(f"{batch.id}.3")
        beyond = await operations_of(engine).operation(f"{batch.id}.5")

    assert ended.state is BatchState.CANCELLED
    assert ended.cancelled_at is not None
    assert (ended.counts.done, ended.counts.cancelled) == (1, 3)
    assert again == ended
    assert states == [OperationState.CANCELLED] * 3 + [OperationState.DONE]
    assert sorted(market.sendings) == ["a-1", "busy-1"]
    assert later is not None
    assert later.counts == ended.counts
    assert unbegun is not None
    assert unbegun.state is OperationState.CANCELLED
    assert beyond is None


async def test_what_was_sent_is_finished_after_a_cancellation(tmp_path: Path) -> None:
    clock = HeldClock()
    fates = iter(["answer lost"])
    market = PretendMarket(clock, lambda record: next(fates, "done"), hides_purchases=True)
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a", "a"), "key-1")
        await held(clock, batches, batch, waiting=1, done=0)
        cancelling = await batches.cancel(batch.id)
        market.hides_purchases = False
        clock.advance(60)
        ended = await batches.outcome(batch.id, NEVER_S)

    assert cancelling is not None
    assert cancelling.state is BatchState.CANCELLING
    assert (ended.counts.done, ended.counts.cancelled) == (1, 1)


async def test_a_cancellation_survives_a_restart(tmp_path: Path) -> None:
    clock = HeldClock()
    fates = iter(["answer lost"])
    market = PretendMarket(clock, lambda record: next(fates, "done"), hides_purchases=True)
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a", "a"), "key-1")
        await until(batches, batch, lambda found: found.counts.waiting == 1)
        await batches.cancel(batch.id)
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        cancelling = await batches.batch(batch.id)
        market.hides_purchases = False
        ended = await final(clock, batches, batch)

    assert cancelling is not None
    assert cancelling.state is BatchState.CANCELLING
    assert (ended.counts.done, ended.counts.cancelled) == (1, 1)
    assert market.sendings == ["a-1"]


async def test_an_ended_batch_cannot_be_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path, PretendMarket(FakeClock())) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a"), "key-1")
        await batches.outcome(batch.id, NEVER_S)
        with pytest.raises(BatchEnded):
            await batches.cancel(batch.id)


async def test_one_key_is_one_batch_however_often_and_at_once_it_is_sent(tmp_path: Path) -> None:
    market = PretendMarket(FakeClock())
    async with running(tmp_path, market) as engine:
        wanted = orders(*"abcde")
        submitted = await asyncio.gather(
            *(batches_of(engine).submit(wanted, "key-1") for _ in range(50))
        )
        await batches_of(engine).outcome(submitted[0].id, NEVER_S)
    assert len({each.id for each in submitted}) == 1
    assert len(market.sendings) == 5


async def test_a_key_stands_for_one_payload_of_one_principal(tmp_path: Path) -> None:
    market = PretendMarket(FakeClock())
    async with running(tmp_path, market) as engine:
        mine, other = batches_of(engine), batches_of(engine, "another")
        batch = await mine.submit(orders("a", "b"), "key-1")
        await operations_of(engine).submit(orders("c")[0], "key-2")
        with pytest.raises(KeyReused):
            await mine.submit(orders("b", "a"), "key-1")
        with pytest.raises(KeyReused):
            await mine.submit(orders("d"), "key-2")
        with pytest.raises(KeyReused):
            await operations_of(engine).submit(orders("d")[0], "key-1")
        assert await other.batch(batch.id) is None
        assert await other.cancel(batch.id) is None
        assert [each async for each in other.watch(batch.id)] == []
        with pytest.raises(LookupError):
            await other.lines(BatchLinesKey(batch.id, 10))
        assert await operations_of(engine).operation(batch.id) is None
        theirs = await other.submit(orders("e"), "key-1")
        await mine.outcome(batch.id, NEVER_S)
        await other.outcome(theirs.id, NEVER_S)
    assert theirs.id != batch.id
    assert sorted(market.purchases) == ["a-1", "b-1", "c-1", "e-1"]


async def test_without_a_store_no_batch_is_begun(tmp_path: Path) -> None:
    market = PretendMarket(FakeClock())
    async with running(tmp_path, market) as engine:
        batch = await batches_of(engine).submit(orders("a"), "key-1")
        await batches_of(engine).outcome(batch.id, NEVER_S)
    with pytest.raises(OperationsUnavailable):
        await batches_of(engine).submit(orders("b"), "key-2")
    with pytest.raises(OperationsUnavailable):
        await batches_of(engine, "nobody").batch(f"{principal_prefix('nobody')}1")
    assert list(market.purchases) == ["a-1"]


async def test_a_watcher_sees_it_begin_and_end(tmp_path: Path) -> None:
    market = PretendMarket(FakeClock())
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders(*"abcdefgh"), "key-1")
        seen = [each async for each in batches.watch(batch.id)]
    done = [each.counts.done for each in seen]
    assert done == sorted(done)
    assert seen[-1].state is BatchState.DONE
    assert all(each.state is BatchState.RUNNING for each in seen[:-1])


async def test_a_settled_line_is_counted_as_it_was_settled(tmp_path: Path) -> None:
    market = PretendMarket(FakeClock(), lambda record: "request lost")
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a", "b"), "key-1")
        doubtful = await batches.outcome(batch.id, NEVER_S)
        await operations_of(engine).settle(f"{batch.id}.1", is_done=True, note="seen")
        settled = await batches.batch(batch.id)
    assert doubtful.counts.in_doubt == 2
    assert settled is not None
    assert (settled.counts.in_doubt, settled.counts.done) == (1, 1)


async def test_lines_are_among_the_operations_of_their_subscription(tmp_path: Path) -> None:
    async with running(tmp_path, PretendMarket(FakeClock())) as engine:
        batch = await batches_of(engine).submit(orders("a", "b"), "key-1")
        await batches_of(engine).outcome(batch.id, NEVER_S)
        operations = operations_of(engine)
        of_b = await operations.of_subscription(orders("b")[0].source)
        page = await operations.page(OperationsKey(first=10))
        by_key = await operations.by_key("key-1#2")
    assert [each.id for each in of_b] == [f"{batch.id}.2"]
    assert {each.id for each in page.operations} == {f"{batch.id}.1", f"{batch.id}.2"}
    assert by_key == of_b[0]


class AbsentCaller(PretendMarket):
    """Knows nobody's token."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        trouble = Trouble(message="nobody is there", needs_caller=True)
        return Checked(at=self.clock.wall(), trouble=trouble)


async def test_lines_that_wait_for_their_caller_can_be_cancelled(tmp_path: Path) -> None:
    async with running(tmp_path, AbsentCaller(FakeClock())) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders(*"abcdefgh"), "key-1")
        await until(batches, batch, lambda found: found.counts.waiting == 8)
        await batches.cancel(batch.id)
        ended = await batches.outcome(batch.id, NEVER_S)
    assert ended.counts.cancelled == 8


async def test_a_customer_s_lines_go_one_after_another(tmp_path: Path) -> None:
    at_work: set[str] = set()
    most = 0

    class Watched(PretendMarket):
        async def check(self, record: Record, correlation_id: str) -> Checked:
            nonlocal most
            assert record.order.customer_id not in at_work
            at_work.add(record.order.customer_id)
            most = max(most, len(at_work))
            await asyncio.sleep(0)
            at_work.discard(record.order.customer_id)
            return await super().check(record, correlation_id)

    market = Watched(FakeClock())
    async with running(tmp_path, market) as engine:
        batches = batches_of(engine)
        first = await batches.submit(orders(*"aabbccddeeff"), "key-1")
        more = [replace(each, target_offer_id="offer-2") for each in orders(*"aabb")]
        second = await batches.submit(more, "key-2")
        await batches.outcome(first.id, NEVER_S)
        await batches.outcome(second.id, NEVER_S)
    assert most <= 4
    assert [each for each in market.sendings if each.startswith("a")] == ["a-1", "a-2"]
