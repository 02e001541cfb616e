"""The engine over a real database file and a pretended vendor, through stops and starts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.operations.engine import Engine
from gateway.operations.principal import PrincipalOperations
from gateway.operations.record import Checked, Facts, Policy, Record, Sent, Trouble
from gateway.operations.store import Store
from resolvers.ports import KeyReused, OperationsKey, OperationsUnavailable
from schema.operation import AttemptOutcome, OperationState, UpgradeOperation
from schema.upgrade import UpgradeResult
from tests.support.clock import FakeClock, HeldClock
from tests.support.pretend_partner import ORDER, PretendPartner

TROUBLE = Trouble(message="nobody is there", needs_caller=True)


class Partner(PretendPartner):
    """The pretended vendor, whose answers the graph can show."""

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        return UpgradeResult(customer_id=customer_id)


class AbsentCaller(Partner):
    """Knows the caller's token only once it has called."""

    is_here = False

    async def check(self, record: Record, correlation_id: str) -> Checked:
        if not self.is_here:
            return Checked(at=self.clock.wall(), trouble=TROUBLE)
        return await super().check(record, correlation_id)


class Endless(Partner):
    """Sells whatever is ordered."""

    async def check(self, record: Record, correlation_id: str) -> Checked:
        return Checked(at=self.clock.wall(), facts=Facts(quantity=1))

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        self.purchases += 1
        return Sent(outcome=AttemptOutcome.ACCEPTED, at=self.clock.wall())


class Broken(Partner):
    """A fault of ours, before or after something left."""

    def __init__(self, clock: FakeClock, *, after_sending: bool) -> None:
        super().__init__(clock)
        self._after_sending = after_sending

    async def check(self, record: Record, correlation_id: str) -> Checked:
        if not self._after_sending:
            raise ArithmeticError("a fault")
        return await super().check(record, correlation_id)

    async def send(self, record: Record, facts: Facts, correlation_id: str) -> Sent:
        raise ArithmeticError("a fault")


@contextlib.asynccontextmanager
async def running(path: Path, partner: PretendPartner) -> AsyncIterator[Engine]:
    engine = Engine(
        Store.at(f"sqlite:///{path}/operations.db"), partner, partner.clock, lines_at_once=4
    )
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop(grace_s=5)


def operations_of(engine: Engine, principal: str = "somebody") -> PrincipalOperations:
    return PrincipalOperations(engine, principal, Policy())


async def when(
    operations: PrincipalOperations, key: str, state: OperationState
) -> UpgradeOperation:
    async with asyncio.timeout(20):
        while True:
            found = await operations.by_key(key)
            if found is not None and found.state is state:
                return found
            await asyncio.sleep(0.005)


async def test_an_open_operation_is_resumed_by_the_next_start(tmp_path: Path) -> None:
    clock = HeldClock()
    partner = Partner(clock, ["throttled"])
    async with running(tmp_path, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
        waiting = await when(operations_of(engine), "key-1", OperationState.WAITING)
    clock.advance(60)
    async with running(tmp_path, partner) as engine:
        done = await when(operations_of(engine), "key-1", OperationState.DONE)

    assert partner.purchases == 1
    assert waiting.retry_at is not None
    assert done.request_id == waiting.request_id
    outcomes = [attempt.outcome for attempt in done.attempts]
    assert outcomes == [AttemptOutcome.THROTTLED, AttemptOutcome.ACCEPTED]


async def test_without_its_callers_token_it_waits_for_the_caller(tmp_path: Path) -> None:
    partner = AbsentCaller(FakeClock())
    async with running(tmp_path, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
        waiting = await when(operations_of(engine), "key-1", OperationState.WAITING)
    async with running(tmp_path, partner) as engine:
        await when(operations_of(engine), "key-1", OperationState.WAITING)
        partner.is_here = True
        async with asyncio.timeout(20):
            while partner.purchases == 0:
                engine.callers.arrived("somebody")
                await asyncio.sleep(0.005)
        await when(operations_of(engine), "key-1", OperationState.DONE)

    assert waiting.waiting_for is not None
    assert "caller" in waiting.waiting_for
    assert waiting.retry_at is None


@pytest.mark.parametrize(
    ("after_sending", "state"), [(False, OperationState.FAILED), (True, OperationState.IN_DOUBT)]
)
async def test_a_fault_of_ours_ends_it_with_the_truth(
    tmp_path: Path, after_sending: bool, state: OperationState
) -> None:
    partner = Broken(FakeClock(), after_sending=after_sending)
    async with running(tmp_path, partner) as engine:
        submitted = await operations_of(engine).submit(ORDER, "key-1")
        found = await operations_of(engine).outcome(submitted.id, 20)
    async with running(tmp_path, partner) as engine:
        later = await operations_of(engine).operation(submitted.id)

    assert found.state is state
    assert later is not None
    assert later.state is state
    assert len(later.attempts) == int(after_sending)


async def test_finished_operations_are_read_after_a_restart(tmp_path: Path) -> None:
    partner = Partner(FakeClock())
    async with running(tmp_path, partner) as engine:
        submitted = await operations_of(engine).submit(ORDER, "key-1")
        done = await operations_of(engine).outcome(submitted.id, 20)
    async with running(tmp_path, partner) as engine:
        mine, other = operations_of(engine), operations_of(engine, "another")
        assert await mine.operation(done.id) == done
        assert await mine.by_key("key-1") == done
        assert list(await mine.of_subscription(ORDER.source)) == [done]
        assert (await mine.page(OperationsKey(first=10))).operations == [done]
        assert await mine.submit(ORDER, "key-1") == done
        assert await other.operation(done.id) is None
        assert (await other.page(OperationsKey(first=10))).operations == []


async def test_another_payload_is_refused_after_a_restart_too(tmp_path: Path) -> None:
    partner = Partner(FakeClock())
    async with running(tmp_path, partner) as engine:
        await operations_of(engine).submit(ORDER, "key-1")
    other = type(ORDER)(ORDER.source, "offer-2", ORDER.upgrade_type)
    async with running(tmp_path, partner) as engine:
        with pytest.raises(KeyReused):
            await operations_of(engine).submit(other, "key-1")


async def test_many_orders_at_once_are_all_recorded(tmp_path: Path) -> None:
    partner = Endless(FakeClock())
    async with running(tmp_path, partner) as engine:
        operations = operations_of(engine)
        orders = [
            replace(ORDER, source=replace(ORDER.source, subscription_id=f"subscription-{number}"))
            for number in range(200)
        ]
        submitted = await asyncio.gather(
            *(operations.submit(order, order.source.subscription_id) for order in orders)
        )
        ended = await asyncio.gather(*(operations.outcome(each.id, 60) for each in submitted))

    assert {each.state for each in ended} == {OperationState.DONE}
    assert partner.purchases == 200


async def test_a_second_engine_in_one_process_serves_reads_alone(tmp_path: Path) -> None:
    partner = Partner(FakeClock())
    async with running(tmp_path, partner), running(tmp_path, partner) as second:
        reason = await second.trouble()
        with pytest.raises(OperationsUnavailable, match="another gateway in this process"):
            await operations_of(second).submit(ORDER, "key-1")
    assert reason is not None
