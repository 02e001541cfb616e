"""What is known of a store, whose probes do what the test says."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.operations.health import Health
from gateway.operations.patience import Patience
from gateway.operations.store import StoreUnavailable
from tests.support.clock import FakeClock
from tests.support.waiting import PATIENT, settle


class ProbedStore:
    """A store of which only probes matter; each lasts until the test lets it end."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.probes = 0
        self.is_probed = threading.Event()
        self.may_answer = threading.Event()

    def probe(self, lock_within_s: float) -> None:
        self.probes += 1
        self.is_probed.set()
        self.may_answer.wait()
        if self.trouble is not None:
            raise StoreUnavailable(self.trouble)


@pytest.fixture
def store() -> Iterator[ProbedStore]:
    made = ProbedStore()
    yield made
    made.may_answer.set()


def health_of(store: Any, clock: FakeClock, patience: Patience = PATIENT) -> Health:
    health = Health(store, clock, patience)
    health.open()
    return health


async def test_a_write_vouches_for_the_store_for_a_while(store: ProbedStore) -> None:
    clock = FakeClock()
    health = health_of(store, clock)
    store.may_answer.set()
    store.trouble = "locked"
    health.written()
    soon = await health.trouble()
    probes_soon = store.probes
    clock.now += PATIENT.unsure_after_s
    later = await health.trouble()

    assert (soon, probes_soon) == (None, 0)
    assert later == "operations cannot be recorded at the moment (the gateway's log says why)"
    assert store.probes == 1


async def test_a_reason_is_logged_once_however_often_it_is_met(store: ProbedStore) -> None:
    health = health_of(store, FakeClock(wall=0.0))
    store.may_answer.set()
    store.trouble = "locked"
    with capture_logs() as logged:
        for _ in range(3):
            await health.trouble()
        health.unreadable("gone")
    assert [each["reason"] for each in logged] == ["locked", "gone"]


async def test_a_write_that_ends_meanwhile_is_believed_rather_than_a_probe(
    store: ProbedStore,
) -> None:
    health = health_of(store, FakeClock())
    store.trouble = "locked"
    asking = asyncio.create_task(health.trouble())
    await asyncio.to_thread(store.is_probed.wait)
    health.written()
    store.may_answer.set()

    assert await asking is None


async def test_many_who_ask_at_once_share_a_probe(store: ProbedStore) -> None:
    health = health_of(store, FakeClock())
    asking = [asyncio.create_task(health.trouble()) for _ in range(50)]
    await asyncio.to_thread(store.is_probed.wait)
    store.may_answer.set()

    assert await asyncio.gather(*asking) == [None] * 50
    assert store.probes == 1


async def test_a_probe_that_hangs_is_not_repeated_before_it_ends(store: ProbedStore) -> None:
    health = health_of(store, FakeClock(), replace(PATIENT, probe_within_s=0.01))
    found = [await health.trouble() for _ in range(3)]

    assert found == ["the database has not answered within 0.01 s"] * 3
    assert store.probes <= 1  # none at all where the machine has not yet begun it


async def test_a_probe_does_not_wait_for_what_is_being_written(store: ProbedStore) -> None:
    health = health_of(store, FakeClock())
    store.may_answer.set()
    loop, may_end = asyncio.get_running_loop(), threading.Event()
    busy = [loop.run_in_executor(None, may_end.wait) for _ in range(100)]
    found = await health.trouble()
    may_end.set()
    await asyncio.gather(*busy)

    assert found is None
    assert store.probes == 1


class LateLoop(asyncio.SelectorEventLoop):
    """A loop that is kept from its work for as long as a test says."""

    late_s = 0.0

    def time(self) -> float:
        return super().time() + self.late_s


def test_a_loop_that_was_late_is_no_trouble_of_the_store(store: ProbedStore) -> None:
    loop = LateLoop()

    async def asked() -> str | None:
        asking = asyncio.create_task(health_of(store, FakeClock()).trouble())
        await settle()
        loop.late_s += 10 * PATIENT.probe_within_s
        await settle()
        store.may_answer.set()
        return await asking

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        assert runner.run(asked()) is None


@pytest.mark.parametrize("refuse_after_s", [0.5, 1.0, 60.0])
def test_a_refusal_with_its_reason_comes_before_patience_ends(refuse_after_s: float) -> None:
    patience = Patience.of(refuse_after_s)
    assert patience.lock_within_s < patience.probe_within_s
    assert patience.unsure_after_s + patience.probe_within_s < refuse_after_s
