"""How long a process may rely on its lease, by its own clock."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from gateway.operations.store.lease import ProcessLease

LEASE_S: Final = 15.0


class SteppingLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes when a test says so, too."""

    ahead_s = 0.0
    _still_at: float | None = None

    def time(self) -> float:
        return (self._still_at or super().time()) + self.ahead_s

    def stand_still(self) -> None:
        """Let no time pass by itself from now on."""
        self._still_at = super().time()


class LeaseStore:
    """Says what the test says; each call takes as long as it says."""

    lease_s = LEASE_S

    def __init__(self, loop: SteppingLoop) -> None:
        self._loop = loop
        self.takes_s = 0.0
        self.renewed = True
        self.others: dict[str, int] = {}
        self.released: list[str] = []

    async def acquire_lease(self, process: str) -> None:
        self._loop.ahead_s += self.takes_s

    async def renew_lease(self, process: str) -> bool:
        self._loop.ahead_s += self.takes_s
        return self.renewed

    async def read_other_leases(self, process: str) -> dict[str, int]:
        self._loop.ahead_s += self.takes_s
        return self.others

    async def release_lease(self, process: str) -> None:
        self.released.append(process)


def run(test: Callable[[SteppingLoop, LeaseStore, ProcessLease], Awaitable[None]]) -> None:
    loop = SteppingLoop()
    store: Any = LeaseStore(loop)
    numbers = itertools.count()
    lease = ProcessLease(store, lambda: f"run-{next(numbers)}")

    async def tested() -> None:
        await test(loop, store, lease)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(tested())


def test_a_holder_relies_on_its_lease_for_less_than_its_duration() -> None:
    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        assert not lease.is_valid
        await lease.acquire()
        assert lease.is_valid
        loop.ahead_s += LEASE_S / 2
        assert lease.is_valid
        loop.ahead_s += LEASE_S / 2 - 1
        assert not lease.is_valid
        await lease.renew()
        assert lease.is_valid

    run(test)


def test_a_lease_lasts_from_the_time_of_the_request() -> None:
    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        store.takes_s = LEASE_S
        await lease.acquire()
        assert not lease.is_valid
        await lease.renew()
        assert not lease.is_valid

    run(test)


def test_a_revoked_or_released_lease_is_not_valid() -> None:
    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        await lease.acquire()
        first = lease.process
        store.renewed = False
        assert not await lease.renew()
        assert not lease.is_valid
        await lease.acquire()
        assert lease.is_valid
        assert lease.process != first
        await lease.release()
        assert not lease.is_valid
        assert store.released == [lease.process]

    run(test)


def watched(renewals: Callable[[float], dict[str, int]], reads_at: list[float]) -> list[set[str]]:
    """The processes with an expired lease at each observation, given the renewals by time."""
    found: list[set[str]] = []

    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        loop.stand_still()
        started_at = loop.time()
        for at in reads_at:
            loop.ahead_s = at
            store.others = renewals(loop.time() - started_at)
            found.append(set(await lease.expired_others()))

    run(test)
    return found


def test_a_lease_that_is_not_renewed_expires_by_the_clock_of_the_watcher() -> None:
    """At the latest a lease and one renewal after its last renewal."""
    renewed_last = 6
    found = watched(
        lambda at: {"dead": min(int(at), renewed_last) // 3}, [float(at) for at in range(0, 30, 3)]
    )
    first = next(place for place, expired in enumerate(found) if expired)
    assert 3 * first == renewed_last + LEASE_S
    assert found[first] == {"dead"}


def test_a_lease_that_is_renewed_never_expires() -> None:
    found = watched(lambda at: {"alive": int(at) // 12}, [float(at) for at in range(0, 7200, 3)])
    assert found == [set()] * len(found)


def test_a_new_lease_is_observed_from_its_first_read() -> None:
    found = watched(
        lambda at: {"one": 0} if at < 14 else {"two": 0}, [float(at) for at in range(0, 30, 3)]
    )
    assert found == [set()] * 10


@pytest.mark.parametrize("break_s", [LEASE_S / 2, LEASE_S, 7200.0])
def test_other_leases_get_time_to_renew_after_an_outage_of_store_or_watcher(
    break_s: float,
) -> None:
    before, after = 12.0, 12.0 + break_s
    reads_at = [0.0, 3.0, 6.0, 9.0, before, *(after + 3.0 * number for number in range(6))]
    found = watched(lambda at: {"waits": 0}, reads_at)
    assert found == [*[set()] * 10, {"waits"}]


def test_slow_reads_count_for_the_time_between_them() -> None:
    found: list[set[str]] = []

    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        loop.stand_still()
        store.others, store.takes_s = {"slow": 0}, 3.0
        found.extend([set(await lease.expired_others()) for _ in range(7)])

    run(test)
    assert found == [*[set()] * 6, {"slow"}]


def test_processes_with_expired_leases_are_not_counted() -> None:
    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        counts = [lease.process_count]
        for renewals in range(4):
            store.others = {"renewing": renewals, "dead": 0}
            await lease.expired_others()
            counts.append(lease.process_count)
            loop.ahead_s += LEASE_S / 3
        assert counts == [1, 3, 3, 3, 2]

    run(test)
