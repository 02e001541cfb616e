"""The runtime over a real database and a pretended vendor, through stops and starts."""

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import psycopg
import pytest

from gateway.operations.model.record import OperationRecord, Policy
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.operations.operation_service import OperationService
from gateway.operations.policy.seat_quota import SeatQuota
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from resolvers.orders import UpgradeOrder
from resolvers.ports.errors import KeyReused, OperationsUnavailable
from resolvers.ports.operations import OperationsKey
from schema.keys import SubscriptionKey
from schema.operation import AttemptOutcome, OperationState, UpgradeOperation
from schema.user_errors import UserErrorCode
from tests.support.canned_results import SendFate
from tests.support.clock import FakeClock, ManualClock
from tests.support.fake_partner import ORDER, FakePartner, in_turn
from tests.support.postgres import PostgresServer
from tests.support.waiting import HANG_TIMEOUT_S, LONG_TIMEOUTS, eventually

# Refuses soon, and only what is locked or hangs.
HASTY = replace(LONG_TIMEOUTS, probe_after_s=0.02, lock_s=0.2, write_s=0.3)
NO_CREDENTIALS = Blocker(message="nobody is there", needs_credentials=True)


class AbsentCaller(FakePartner):
    """Knows the caller's token only once it has called."""

    is_here = False
    when_missed: Callable[[], None] | None = None

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        if not self.is_here:
            if self.when_missed is not None:
                self.is_here = True
                self.when_missed()
            return CheckResult(at=self.clock.wall(), blocker=NO_CREDENTIALS)
        return await super().check(record, correlation_id)


class Endless(FakePartner):
    """Sells whatever is ordered."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        return CheckResult(at=self.clock.wall(), baseline=Baseline(quantity=1))

    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult:
        self.purchase_counts[record.request_id] += 1
        return SendResult(outcome=AttemptOutcome.SUCCEEDED, at=self.clock.wall())


class Broken(FakePartner):
    """A fault of ours, before or after something left."""

    def __init__(self, clock: FakeClock, *, after_sending: bool) -> None:
        super().__init__(clock)
        self._after_sending = after_sending

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        if not self._after_sending:
            raise ArithmeticError("a fault")
        return await super().check(record, correlation_id)

    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult:
        raise ArithmeticError("a fault")


@contextlib.asynccontextmanager
async def running(
    database_url: str, partner: FakePartner, timeouts: StoreTimeouts = LONG_TIMEOUTS
) -> AsyncIterator[OperationRuntime]:
    store = build_store(database_url, timeouts)
    engine = OperationRuntime(store, partner, partner.clock, lines_at_once=4, timeouts=timeouts)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(grace_s=HANG_TIMEOUT_S)


def operations_of(engine: OperationRuntime, principal: str = "somebody") -> OperationService:
    return OperationService(engine, principal, Policy())


def ordered(number: int) -> UpgradeOrder:
    """An order for a subscription of its own."""
    source = msgspec.structs.replace(ORDER.source, subscription_id=f"subscription-{number}")
    return replace(ORDER, source=source)


async def when(operations: OperationService, key: str, state: OperationState) -> UpgradeOperation:
    found = await eventually(
        lambda: operations.find_by_key(key),
        lambda found: found is not None and found.state is state,
    )
    assert found is not None
    return found


async def test_an_open_operation_is_resumed_by_the_next_start(database_url: str) -> None:
    clock = ManualClock()
    partner = FakePartner(clock, in_turn(SendFate.THROTTLED))
    async with running(database_url, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
        waiting = await when(operations_of(engine), "key-1", OperationState.WAITING)
    clock.advance(60)
    async with running(database_url, partner) as engine:
        done = await when(operations_of(engine), "key-1", OperationState.DONE)

    assert partner.purchase_counts.total() == 1
    assert waiting.retry_at is not None
    assert done.request_id == waiting.request_id
    outcomes = [attempt.outcome for attempt in done.attempts]
    assert outcomes == [AttemptOutcome.THROTTLED, AttemptOutcome.SUCCEEDED]


async def test_an_operation_without_its_callers_token_waits_for_the_caller(
    database_url: str,
) -> None:
    partner = AbsentCaller(FakeClock())
    async with running(database_url, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
        waiting = await when(operations_of(engine), "key-1", OperationState.WAITING)
    async with running(database_url, partner) as engine:
        await when(operations_of(engine), "key-1", OperationState.WAITING)
        partner.is_here = True
        engine.caller_presence.notify("somebody")
        await when(operations_of(engine), "key-1", OperationState.DONE)

    assert waiting.waiting_for is not None
    assert "caller" in waiting.waiting_for
    assert waiting.retry_at is None


async def test_a_caller_who_returns_before_the_resume_is_noticed(database_url: str) -> None:
    partner = AbsentCaller(FakeClock())
    async with running(database_url, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
        await when(operations_of(engine), "key-1", OperationState.WAITING)
    async with running(database_url, partner) as engine:
        partner.is_here = True
        engine.caller_presence.notify("somebody")
        await when(operations_of(engine), "key-1", OperationState.DONE)


async def test_a_caller_who_returns_before_the_wait_is_noticed(database_url: str) -> None:
    partner = AbsentCaller(FakeClock())
    async with running(database_url, partner) as engine:
        partner.when_missed = partial(engine.caller_presence.notify, "somebody")
        await operations_of(engine).submit(ORDER, "key-1")
        await when(operations_of(engine), "key-1", OperationState.DONE)
    assert partner.purchase_counts.total() == 1


@pytest.mark.parametrize(
    ("after_sending", "state"), [(False, OperationState.FAILED), (True, OperationState.IN_DOUBT)]
)
async def test_a_fault_of_the_gateway_ends_an_operation_correctly(
    database_url: str, after_sending: bool, state: OperationState
) -> None:
    partner = Broken(FakeClock(), after_sending=after_sending)
    async with running(database_url, partner) as engine:
        submitted = await operations_of(engine).submit(ORDER, "key-1")
        found = await operations_of(engine).wait_for_outcome(submitted.id, HANG_TIMEOUT_S)
    async with running(database_url, partner) as engine:
        later = await operations_of(engine).wait_for_outcome(submitted.id, HANG_TIMEOUT_S)

    assert found.state is state
    assert later.state is state
    assert len(later.attempts) == int(after_sending)


async def test_finished_operations_are_read_after_a_restart(database_url: str) -> None:
    partner = FakePartner(FakeClock())
    async with running(database_url, partner) as engine:
        submitted = await operations_of(engine).submit(ORDER, "key-1")
        done = await operations_of(engine).wait_for_outcome(submitted.id, HANG_TIMEOUT_S)
    async with running(database_url, partner) as engine:
        mine, other = operations_of(engine), operations_of(engine, "another")
        assert await mine.find(done.id) == done
        assert await mine.find_by_key("key-1") == done
        assert list(await mine.list_for_subscription(ORDER.source)) == [done]
        assert (await mine.list_page(OperationsKey(first=10))).operations == [done]
        assert await mine.submit(ORDER, "key-1") == done
        assert await other.find(done.id) is None
        assert (await other.list_page(OperationsKey(first=10))).operations == []


async def test_a_reused_key_with_another_payload_is_refused_after_a_restart(
    database_url: str,
) -> None:
    partner = FakePartner(FakeClock())
    async with running(database_url, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
    other = type(ORDER)(ORDER.source, "offer-2", ORDER.upgrade_type)
    async with running(database_url, partner) as engine:
        with pytest.raises(KeyReused):
            await operations_of(engine).submit(other, "key-1")


async def test_simultaneous_orders_are_all_recorded(database_url: str) -> None:
    partner = Endless(FakeClock())
    async with running(database_url, partner) as engine:
        operations = operations_of(engine)
        orders = [
            replace(
                ORDER, source=SubscriptionKey(ORDER.source.customer_id, f"subscription-{number}")
            )
            for number in range(200)
        ]
        submitted = await asyncio.gather(
            *(operations.submit(order, order.source.subscription_id) for order in orders)
        )
        ended = await asyncio.gather(
            *(operations.wait_for_outcome(each.id, HANG_TIMEOUT_S) for each in submitted)
        )

    assert {each.state for each in ended} == {OperationState.DONE}
    assert partner.purchase_counts.total() == 200


@contextlib.contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Lock the store against writing, as a backup or a migration of others may."""
    if database_url.startswith("sqlite"):
        path = database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(database_url) as session:
            session.execute("LOCK TABLE upgrade_gateway.operations IN EXCLUSIVE MODE")
            yield


async def test_a_record_without_confirmation_is_reported_and_found_by_its_key(
    database_url: str,
) -> None:
    partner = Endless(FakeClock())
    # It is only noticed while it is being recorded.
    async with running(
        database_url, partner, replace(HASTY, probe_after_s=HANG_TIMEOUT_S, lock_s=HANG_TIMEOUT_S)
    ) as engine:
        operations = operations_of(engine)
        with locked(database_url), pytest.raises(OperationsUnavailable, match="may be recorded"):
            await operations.submit(ORDER, "key-1")
        again = await operations.submit(ORDER, "key-1")
        ended = await operations.wait_for_outcome(again.id, HANG_TIMEOUT_S)

    assert ended.state is OperationState.DONE
    assert partner.purchase_counts.total() == 1


async def test_a_hanging_store_affects_only_writes_and_reads_of_operations(
    postgres: PostgresServer,
) -> None:
    partner = Endless(FakeClock())
    async with running(postgres.new_database(), partner, HASTY) as engine:
        with postgres.paused():
            reason = await eventually(engine.unavailable_reason, lambda found: found is not None)
            with pytest.raises(OperationsUnavailable):
                await operations_of(engine).submit(ORDER, "key-1")
        await eventually(engine.unavailable_reason, lambda found: found is None)
        submitted = await operations_of(engine).submit(ORDER, "key-1")
        ended = await operations_of(engine).wait_for_outcome(submitted.id, HANG_TIMEOUT_S)
    assert reason is not None
    assert ended.state is OperationState.DONE


async def test_a_database_that_comes_back_is_opened_without_a_restart(tmp_path: Path) -> None:
    partner = Endless(FakeClock())
    (tmp_path / "folder").write_text("in the way")
    store = build_store(f"sqlite:///{tmp_path}/folder/operations.db", LONG_TIMEOUTS)
    engine = OperationRuntime(
        store, partner, partner.clock, lines_at_once=4, timeouts=LONG_TIMEOUTS, renew_every_s=0.01
    )
    await engine.start()
    try:
        before = await engine.unavailable_reason()
        (tmp_path / "folder").unlink()
        await eventually(engine.unavailable_reason, lambda found: found is None)
        submitted = await operations_of(engine).submit(ORDER, "key-1")
        ended = await operations_of(engine).wait_for_outcome(submitted.id, HANG_TIMEOUT_S)
    finally:
        await engine.stop(grace_s=HANG_TIMEOUT_S)
    assert before is not None
    assert ended.state is OperationState.DONE


class Silent(FakePartner):
    """Takes every order and answers none."""

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        return CheckResult(at=self.clock.wall(), baseline=Baseline(quantity=1))

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        return ReconcileResult(at=self.clock.wall(), verdict=Verdict.UNCLEAR)


async def test_an_operation_in_doubt_blocks_further_orders_of_its_subject(
    database_url: str,
) -> None:
    partner = Silent(FakeClock(), in_turn(SendFate.REQUEST_LOST))
    async with running(database_url, partner) as engine:
        mine, other = operations_of(engine), operations_of(engine, "another")
        first = await mine.submit(ORDER, "key-1")
        doubtful = await mine.wait_for_outcome(first.id, HANG_TIMEOUT_S)
        second = await other.submit(ORDER, "key-2")
        refused = await other.wait_for_outcome(second.id, HANG_TIMEOUT_S)
        await mine.settle(first.id, is_done=False, note="looked")
        third = await other.submit(ORDER, "key-3")
        bought = await other.wait_for_outcome(third.id, HANG_TIMEOUT_S)

    assert doubtful.state is OperationState.IN_DOUBT
    assert refused.state is OperationState.REFUSED
    assert refused.failure is not None
    assert refused.failure.code is UserErrorCode.EARLIER_IN_DOUBT
    assert first.id in refused.failure.message
    assert bought.state is OperationState.DONE
    assert partner.purchase_counts.total() == 1


async def test_simultaneous_reservations_never_exceed_the_seat_limit(
    database_url: str,
) -> None:
    clock = FakeClock()
    partner = Endless(clock)

    def at_most_five(taken: int) -> str | None:
        return "too many" if taken + 1 > 5 else None

    async with running(database_url, partner) as engine:
        # Two counts over one store, as two replicas have.
        other = SeatQuota(engine.store, clock, engine.health)
        reasons = await asyncio.gather(
            *(
                seats.reserve(f"operation-{number}", "somebody", 1, at_most_five)
                for number, seats in enumerate([engine.seats, other] * 4)
            )
        )
        again = await engine.seats.reserve("operation-0", "somebody", 1, at_most_five)
        clock.now += 3601
        after_an_hour = await engine.seats.reserve("operation-9", "somebody", 1, at_most_five)

    assert [reason is None for reason in reasons].count(True) == 5
    assert (again, after_an_hour) == (reasons[0], None)


async def paged(
    operations: OperationService, arriving: Callable[[], Awaitable[object]] | None = None
) -> list[UpgradeOperation]:
    """All operations in pages of two, while others arrive between the pages."""
    seen: list[UpgradeOperation] = []
    key = OperationsKey(first=2)
    while True:
        page = await operations.list_page(key)
        seen += page.operations
        if not page.has_next:
            return seen
        key = replace(key, after=page.positions[-1])
        if arriving is not None:
            await arriving()


def newest_first(operations: Sequence[UpgradeOperation]) -> list[str]:
    found = sorted(operations, key=lambda each: (each.created_at, each.id), reverse=True)
    return [each.id for each in found]


async def test_pages_are_sorted_by_creation_whatever_the_order_of_their_records(
    database_url: str,
) -> None:
    clock = FakeClock()
    partner = Endless(clock)
    start = clock.now
    async with running(database_url, partner) as engine:
        mine, other = operations_of(engine), operations_of(engine, "other")
        # Within one second, where rows have no finer time on SQLite, and two at the same time.
        for number, offset in enumerate((0.3, 0.1, 0.000001, 0.2, 0.1)):
            clock.now = start + offset
            await mine.submit(ordered(number), f"key-{number}")
            await other.submit(ordered(number + 100), f"key-{number}")
        found = await paged(mine)
        customer = ORDER.source.customer_id.upper()
        of_customer = await mine.list_page(OperationsKey(first=10, customer_id=customer))
        without_any = await mine.list_page(OperationsKey(first=10, customer_id="customer-2"))
        admin = await paged(OperationService(engine, "admin", Policy(), sees_all=True))

    ids = [each.id for each in found]
    assert ids == newest_first(found)
    assert len(set(ids)) == 5
    assert [each.id for each in of_customer.operations] == ids
    assert without_any.operations == []
    assert [each.id for each in admin] == newest_first(admin)
    assert len(admin) == 10


async def test_pages_neither_repeat_nor_skip_while_operations_arrive(database_url: str) -> None:
    clock = FakeClock()
    partner = Endless(clock)
    numbers = itertools.count()
    async with running(database_url, partner) as engine:
        mine = operations_of(engine)

        async def arriving() -> None:
            clock.now += 1
            number = next(numbers)
            await mine.submit(ordered(number), f"key-{number}")

        for _ in range(7):
            await arriving()
        before = [each.id for each in (await mine.list_page(OperationsKey(first=100))).operations]
        seen = [each.id for each in await paged(mine, arriving)]

    assert len(before) == 7
    assert seen == before


async def test_an_administrator_reads_and_settles_the_operations_of_all(
    database_url: str,
) -> None:
    partner = Silent(FakeClock(), in_turn(SendFate.REQUEST_LOST))
    async with running(database_url, partner) as engine:
        theirs = operations_of(engine)
        submitted = await theirs.submit(ORDER, "key-1")
        await theirs.wait_for_outcome(submitted.id, HANG_TIMEOUT_S)
        admin = OperationService(engine, "admin", Policy(), sees_all=True)
        page = await admin.list_page(OperationsKey(first=10))
        own = await admin.find_by_key("key-1")
        settled = await admin.settle(submitted.id, is_done=True, note="seen in the portal")
        seen = await theirs.find(submitted.id)

    assert [found.principal for found in page.operations] == ["somebody"]
    assert own is None
    assert settled == seen
    assert seen is not None
    assert (seen.settled_by, seen.settlement_note) == ("admin", "seen in the portal")
