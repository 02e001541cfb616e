"""The health of a store whose probes the test controls."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.health import StoreHealth, StoreTimeouts
from resolvers.ports.errors import OperationsUnavailable
from tests.support.clock import FakeClock
from tests.support.waiting import LONG_TIMEOUTS, run_ready_tasks


class ProbedStore:
    """A store of which only probes matter; each lasts until the test lets it end."""

    def __init__(self, error: str | None = None, *, recovers: bool = False) -> None:
        self.error = error
        self.probes = 0
        self.may_answer = asyncio.Event()
        if recovers:
            self.may_answer.set()

    async def probe(self) -> None:
        self.probes += 1
        await self.may_answer.wait()
        if self.error is not None:
            raise StoreUnavailable(self.error)


def health_of(
    store: ProbedStore, clock: FakeClock | None = None, timeouts: StoreTimeouts = LONG_TIMEOUTS
) -> StoreHealth:
    health = StoreHealth(store.probe, timeouts, (clock or FakeClock()).monotonic)
    health.open()
    return health


async def test_a_recent_write_shows_that_the_store_is_writable() -> None:
    clock, store = FakeClock(), ProbedStore("locked", recovers=True)
    health = health_of(store, clock)
    health.record_write()
    soon, probes_soon = await health.unavailable_reason(), store.probes
    clock.now += LONG_TIMEOUTS.probe_after_s
    later = await health.unavailable_reason()

    assert (soon, probes_soon) == (None, 0)
    assert later == "operations cannot be recorded at the moment (see the gateway's log)"
    assert store.probes == 1


async def test_a_failure_counts_more_than_the_write_before_it() -> None:
    store = ProbedStore("locked", recovers=True)
    health = health_of(store)
    health.record_write()
    health.record_failure("locked")
    assert await health.unavailable_reason() is not None


async def test_a_store_that_fails_is_logged_once_a_minute_with_the_count() -> None:
    clock, store = FakeClock(), ProbedStore("locked", recovers=True)
    health = health_of(store, clock)
    with capture_logs() as logged:
        for second in range(62):
            clock.now = 2000.0 + second
            health.record_failure("locked" if second else "gone")
        health.record_write()
        health.record_write()
    assert [(each["reason"], each["failures"]) for each in logged[:-1]] == [
        ("gone", 1),
        ("locked", 61),
    ]
    assert (logged[-1]["log_level"], logged[-1]["failures"]) == ("info", 62)


async def test_a_write_during_a_probe_counts_more_than_the_probe() -> None:
    store, clock = ProbedStore(), FakeClock()
    health = health_of(store, clock)
    clock.now += LONG_TIMEOUTS.probe_after_s
    asking = asyncio.create_task(health.unavailable_reason())
    await run_ready_tasks()
    health.record_write()
    store.may_answer.set()

    assert await asking is None


async def test_simultaneous_callers_share_a_probe() -> None:
    store, clock = ProbedStore(), FakeClock()
    health = health_of(store, clock)
    clock.now += LONG_TIMEOUTS.probe_after_s
    asking = [asyncio.create_task(health.unavailable_reason()) for _ in range(50)]
    await run_ready_tasks()
    store.may_answer.set()

    assert await asyncio.gather(*asking) == [None] * 50
    assert store.probes == 1


async def test_a_probe_that_hangs_is_not_repeated_before_it_ends() -> None:
    store, clock = ProbedStore(), FakeClock()
    health = health_of(store, clock, replace(LONG_TIMEOUTS, write_s=0.01))
    clock.now += LONG_TIMEOUTS.probe_after_s
    found = [await health.unavailable_reason() for _ in range(3)]
    store.may_answer.set()

    assert None not in found
    assert store.probes == 1


async def test_a_write_is_waited_for_while_other_writes_succeed() -> None:
    clock = FakeClock()
    health = health_of(ProbedStore(), clock, replace(LONG_TIMEOUTS, write_s=0.01))
    written = asyncio.Event()
    working: asyncio.Task[object] = asyncio.create_task(written.wait())
    waiting = asyncio.create_task(health.wait_while_writable(working))
    for _ in range(5):
        clock.now += 1
        health.record_write()
        await asyncio.sleep(0.02)
        clock.now += 1
        health.record_write()
    was_waiting = not waiting.done()
    written.set()
    assert (was_waiting, await waiting) == (True, True)


async def test_a_write_fails_in_time_if_no_write_succeeds() -> None:
    health = health_of(ProbedStore(), timeouts=replace(LONG_TIMEOUTS, write_s=0.01))
    health.record_failure("locked")
    working: asyncio.Task[object] = asyncio.create_task(asyncio.Event().wait())
    assert not await health.wait_while_writable(working)
    working.cancel()


async def test_the_wait_for_the_start_of_operations_ends() -> None:
    health = StoreHealth(
        ProbedStore().probe, replace(LONG_TIMEOUTS, open_s=0.0), FakeClock().monotonic
    )
    assert await health.unavailable_reason() == "operations are starting"
    with pytest.raises(OperationsUnavailable, match="operations are starting"):
        await health.require_not_closed()
    with pytest.raises(OperationsUnavailable, match="cannot be read"):
        await health.require_open()


async def test_a_caller_during_the_start_waits_for_its_result() -> None:
    health = StoreHealth(ProbedStore().probe, LONG_TIMEOUTS, FakeClock().monotonic)
    asking = asyncio.create_task(health.unavailable_reason())
    await run_ready_tasks()
    was_waiting = not asking.done()
    health.close_unopened("no disk")
    reason = await asking
    assert was_waiting
    assert reason is not None
    assert "no disk" not in reason


@pytest.mark.parametrize(
    ("may_be_stored", "expected"), [(True, "may be recorded"), (False, "cannot be recorded")]
)
async def test_the_error_says_whether_a_write_may_have_taken_place(
    may_be_stored: bool, expected: str
) -> None:
    error = StoreUnavailable("password=secret", may_be_stored=may_be_stored)
    with capture_logs():
        refusal = health_of(ProbedStore()).write_error(error)
    assert expected in str(refusal)
    assert refusal.may_be_recorded is may_be_stored
    assert "secret" not in str(refusal)


@pytest.mark.parametrize("refuse_after_s", [0.5, 1.0, 60.0])
def test_a_refusal_with_its_reason_comes_before_the_timeout(refuse_after_s: float) -> None:
    timeouts = StoreTimeouts.from_setting(refuse_after_s)
    assert timeouts.write_s < refuse_after_s
