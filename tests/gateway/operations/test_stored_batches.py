"""Stored batches, on both databases."""

import asyncio

import msgspec
import pytest

from gateway.operations.model.batch import BatchCancellation, BatchRecord
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import CheckResult
from resolvers.ports.errors import KeyReused
from resolvers.ports.operations import OperationsKey
from schema.batch import BatchState
from schema.keys import BatchLinesKey
from schema.operation import OperationState
from tests.gateway.operations.batching import (
    batches_of,
    final,
    held,
    lines_of,
    operations_of,
    orders,
    product_upgrade,
    running,
    throttled_once,
    transition,
    until,
)
from tests.support.canned_results import SendFate
from tests.support.clock import FakeClock, ManualClock
from tests.support.fake_partner import FakePartner, in_turn, subscription_of
from tests.support.stores import make_batch, open_store
from tests.support.waiting import HANG_TIMEOUT_S


async def test_a_batch_continues_after_a_restart_and_buys_nothing_twice(database_url: str) -> None:
    clock = ManualClock()
    wanted = orders("busy", "busy", "a", "b")
    market = FakePartner(clock, throttled_once("busy-1"))
    async with running(database_url, market) as engine:
        batch = await batches_of(engine).submit(wanted, "key-1")
        await held(clock, batches_of(engine), batch, waiting=1, done=2)
        requests = [line.operation.request_id for line in await lines_of(batches_of(engine), batch)]
    async with running(database_url, market) as engine:
        again = await batches_of(engine).submit(wanted, "key-1")
        ended = await final(clock, batches_of(engine), batch)
        lines = await lines_of(batches_of(engine), batch)

    assert again.id == batch.id
    assert ended.counts.done == 4
    assert [line.operation.request_id for line in lines] == requests
    assert sorted(market.sends) == ["a-1", "b-1", "busy-1", "busy-1", "busy-2"]


async def test_an_ended_batch_is_read_after_a_restart(database_url: str) -> None:
    market = FakePartner(
        FakeClock(),
        lambda record: SendFate.REFUSED if subscription_of(record) == "b-1" else SendFate.DONE,
    )
    async with running(database_url, market) as engine:
        batch = await batches_of(engine).submit(orders("a", "b", "a"), "key-1")
        ended = await batches_of(engine).wait_for_outcome(batch.id, HANG_TIMEOUT_S)
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        later = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        refused = await batches.list_lines(
            BatchLinesKey(batch.id, 10, states=frozenset({OperationState.REFUSED}))
        )
        seen = [each async for each in batches.watch(batch.id)]

    assert ended.state is BatchState.COMPLETED
    assert (ended.counts.done, ended.counts.refused, ended.counts.open) == (2, 1, 0)
    assert later.counts == ended.counts
    assert [line.number for line in refused.lines] == [2]
    assert seen == [later]


async def test_cancelled_unsent_lines_are_never_sent(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, throttled_once("busy-1"))
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("busy", "busy", "busy", "a"), "key-1")
        await held(clock, batches, batch, waiting=1, done=1)
        await batches.cancel(batch.id)
        ended = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        again = await batches.cancel(batch.id)
        states = [line.operation.state for line in await lines_of(batches, batch)]
    async with running(database_url, market) as engine:
        later = await batches_of(engine).find(batch.id)
        unbegun = await operations_of(engine).find(f"{batch.id}.3")
        beyond = await operations_of(engine).find(f"{batch.id}.5")

    assert ended.state is BatchState.CANCELLED
    assert ended.cancelled_at is not None
    assert (ended.counts.done, ended.counts.cancelled) == (1, 3)
    assert again == ended
    assert states == [OperationState.CANCELLED] * 3 + [OperationState.DONE]
    assert sorted(market.sends) == ["a-1", "busy-1"]
    assert later is not None
    assert later.counts == ended.counts
    assert unbegun is not None
    assert unbegun.state is OperationState.CANCELLED
    assert beyond is None


async def test_a_cancellation_survives_a_restart(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, in_turn(SendFate.RESPONSE_LOST), hides_purchases=True)
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a", "a"), "key-1")
        await until(batches, batch, lambda found: found.counts.waiting == 1)
        await batches.cancel(batch.id)
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        cancelling = await batches.find(batch.id)
        market.hides_purchases = False
        ended = await final(clock, batches, batch)

    assert cancelling is not None
    assert cancelling.state is BatchState.CANCELLING
    assert (ended.counts.done, ended.counts.cancelled) == (1, 1)
    assert market.sends == ["a-1"]


async def test_repeated_and_simultaneous_submissions_of_a_key_are_one_batch(
    database_url: str,
) -> None:
    market = FakePartner(FakeClock())
    async with running(database_url, market) as engine:
        wanted = orders(*"abcde")
        submitted = await asyncio.gather(
            *(batches_of(engine).submit(wanted, "key-1") for _ in range(50))
        )
        await batches_of(engine).wait_for_outcome(submitted[0].id, HANG_TIMEOUT_S)
    assert len({each.id for each in submitted}) == 1
    assert len(market.sends) == 5


async def test_a_key_belongs_to_one_payload_of_one_principal(database_url: str) -> None:
    market = FakePartner(FakeClock())
    async with running(database_url, market) as engine:
        mine, other = batches_of(engine), batches_of(engine, "another")
        batch = await mine.submit(orders("a", "b"), "key-1")
        single = await operations_of(engine).submit(orders("c")[0], "key-2")
        with pytest.raises(KeyReused):
            await mine.submit(orders("b", "a"), "key-1")
        with pytest.raises(KeyReused):
            await mine.submit(orders("d"), "key-2")
        with pytest.raises(KeyReused):
            await operations_of(engine).submit(orders("d")[0], "key-1")
        assert await other.find(batch.id) is None
        assert await other.cancel(batch.id) is None
        assert [each async for each in other.watch(batch.id)] == []
        with pytest.raises(LookupError):
            await other.list_lines(BatchLinesKey(batch.id, 10))
        assert await operations_of(engine).find(batch.id) is None
        theirs = await other.submit(orders("e"), "key-1")
        await mine.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        await other.wait_for_outcome(theirs.id, HANG_TIMEOUT_S)
        await operations_of(engine).wait_for_outcome(single.id, HANG_TIMEOUT_S)
    assert theirs.id != batch.id
    assert sorted(market.purchases) == ["a-1", "b-1", "c-1", "e-1"]


async def test_a_settled_line_is_counted_with_its_settled_state(database_url: str) -> None:
    market = FakePartner(FakeClock(), lambda record: SendFate.REQUEST_LOST)
    async with running(database_url, market) as engine:
        batches = batches_of(engine)
        batch = await batches.submit(orders("a", "b"), "key-1")
        doubtful = await batches.wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        await operations_of(engine).settle(f"{batch.id}.1", is_done=True, note="seen")
        settled = await batches.find(batch.id)
    assert doubtful.counts.in_doubt == 2
    assert settled is not None
    assert (settled.counts.in_doubt, settled.counts.done) == (1, 1)


async def test_lines_are_among_the_operations_of_their_subscription(database_url: str) -> None:
    async with running(database_url, FakePartner(FakeClock())) as engine:
        batch = await batches_of(engine).submit(orders("a", "b"), "key-1")
        await batches_of(engine).wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        operations = operations_of(engine)
        of_b = await operations.list_for_subscription(orders("b")[0].source)
        page = await operations.list_page(OperationsKey(first=10))
        by_key = await operations.find_by_key("key-1#2")
    assert [each.id for each in of_b] == [f"{batch.id}.2"]
    assert {each.id for each in page.operations} == {f"{batch.id}.1", f"{batch.id}.2"}
    assert by_key == of_b[0]


async def test_no_line_starts_after_another_process_has_cancelled(database_url: str) -> None:
    """This one has asked the store a moment ago, and does not ask again before the next line."""
    is_checking, is_cancelled = asyncio.Event(), asyncio.Event()

    class Slow(FakePartner):
        async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
            is_checking.set()
            await is_cancelled.wait()
            return await super().check(record, correlation_id)

    market = Slow(FakeClock())
    async with running(database_url, market) as engine, open_store(database_url) as other:
        batch = await batches_of(engine).submit(orders("a", "a", "a"), "key-1")
        await is_checking.wait()
        await other.cancel_batch(BatchCancellation(batch_id=batch.id, principal="somebody", at=1.0))
        is_cancelled.set()
        ended = await batches_of(engine).wait_for_outcome(batch.id, HANG_TIMEOUT_S)
        states = await other.read_line_states(batch.id)

    assert market.sends == ["a-1"]
    assert states == {1: OperationState.DONE}
    assert ended.state is BatchState.CANCELLED
    assert (ended.counts.done, ended.counts.cancelled) == (1, 2)


async def test_a_mixed_batch_continues_after_a_restart(database_url: str) -> None:
    clock = ManualClock()
    market = FakePartner(clock, is_slow=True)
    wanted = [transition("a", "a-1"), *orders("b"), product_upgrade("c"), transition("a", "a-2")]
    async with running(database_url, market) as engine:
        batch = await batches_of(engine).submit(wanted, "key-1")
        await until(
            batches_of(engine),
            batch,
            lambda found: (found.counts.done, found.counts.running) == (1, 2),
        )
    market.is_slow = False
    async with running(database_url, market) as engine:
        again = await batches_of(engine).submit(wanted, "key-1")
        ended = await final(clock, batches_of(engine), batch)
        lines = await lines_of(batches_of(engine), batch)
    assert again.id == batch.id
    assert ended.counts.done == 4
    assert [line.operation.kind.name for line in lines] == [each.kind for each in wanted]
    assert set(market.purchase_counts.values()) == {1}


async def test_a_batch_that_was_stored_without_kinds_has_license_upgrades() -> None:
    batch = make_batch("key-1")
    stored = msgspec.to_builtins(batch)
    del stored["kinds"]
    read = msgspec.convert(stored, BatchRecord)
    assert [read.order(number) for number in (1, 2)] == [batch.order(n) for n in (1, 2)]
    assert read.line(1, 1000.0) == batch.line(1, 1000.0)
