"""How long a process may rely on its lease, by its own clock."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Final

from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.lease import ProcessLease

LEASE_S: Final = 15.0


class SteppingLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes when a test says so, too."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


class LeaseStore:
    """Says what the test says; each call takes as long as it says."""

    lease_s = LEASE_S

    def __init__(self, loop: SteppingLoop) -> None:
        self._loop = loop
        self.takes_s = 0.0
        self.renewed: bool | StoreUnavailable = True
        self.released: list[str] = []

    async def acquire_lease(self, process: str) -> None:
        self._loop.ahead_s += self.takes_s

    async def renew_lease(self, process: str) -> bool:
        self._loop.ahead_s += self.takes_s
        if isinstance(self.renewed, StoreUnavailable):
            raise self.renewed
        return self.renewed

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


def test_a_lease_is_relied_on_for_less_time_than_it_lasts() -> None:
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


def test_it_lasts_from_when_it_was_asked_for() -> None:
    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        store.takes_s = LEASE_S
        await lease.acquire()
        assert not lease.is_valid
        await lease.renew()
        assert not lease.is_valid

    run(test)


def test_a_lease_that_was_taken_away_or_given_up_is_not_relied_on() -> None:
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


def test_others_have_time_to_renew_theirs_after_the_store_has_failed() -> None:
    async def test(loop: SteppingLoop, store: LeaseStore, lease: ProcessLease) -> None:
        await lease.acquire()
        assert not lease.is_steady
        loop.ahead_s += LEASE_S
        assert lease.is_steady
        store.renewed = StoreUnavailable("gone")
        for _ in range(2):
            try:
                await lease.renew()
            except StoreUnavailable:
                loop.ahead_s += LEASE_S
        assert not lease.is_steady
        store.renewed = True
        await lease.renew()
        loop.ahead_s += LEASE_S - 1
        await lease.renew()
        assert not lease.is_steady
        loop.ahead_s += 1
        assert lease.is_steady

    run(test)
