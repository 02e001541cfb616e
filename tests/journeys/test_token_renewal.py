"""The gateway's own token expires while clients send requests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.clock import FakeClock
from tests.support.journey import Journey, served_journey
from tests.support.waiting import HANG_TIMEOUT_S

CUSTOMERS = "{ customers(first: 1) { nodes { id } } }"
CLIENTS = 4
LIFETIME_S = 3600
# The deadline of a request, longer than the test moves the clock.
NO_DEADLINE = {"limits": {"deadline_s": 10.0 * LIFETIME_S}}


class Load:
    """Clients that send one request after another. Every response must have data."""

    def __init__(self, gateway: Journey) -> None:
        self._gateway = gateway
        self._answered = asyncio.Semaphore(0)

    async def send(self) -> None:
        while True:
            await self._gateway.data(CUSTOMERS)
            self._answered.release()

    async def read_once(self) -> None:
        """Wait until every client has had time to send once more."""
        for _ in range(2 * CLIENTS):
            await self._answered.acquire()

    async def read_until(self, tokens: int) -> None:
        """Wait until this total number of tokens was requested."""
        async with asyncio.timeout(HANG_TIMEOUT_S):
            while self.token_requests() < tokens:
                await self.read_once()

    def token_requests(self) -> int:
        return len(self._gateway.sandbox.calls.token_requests)

    def refusals(self) -> int:
        return sum(call.status == 401 for call in self._gateway.sandbox.calls)


@asynccontextmanager
async def under_load(gateway: Journey) -> AsyncIterator[Load]:
    load = Load(gateway)
    async with asyncio.TaskGroup() as clients:
        sending = [clients.create_task(load.send()) for _ in range(CLIENTS)]
        yield load
        for each in sending:
            each.cancel()


async def test_a_refused_token_is_replaced_once_for_all_requests() -> None:
    async with served_journey() as gateway, under_load(gateway) as load:
        for tokens in (1, 2, 3):
            await load.read_until(tokens)
            await load.read_once()
            assert load.token_requests() == tokens
            gateway.sandbox.clock.advance(LIFETIME_S)
        await load.read_until(4)
        assert load.refusals() >= 3


async def test_a_token_is_renewed_before_the_vendor_could_refuse_it() -> None:
    clock = FakeClock()
    async with (
        served_journey(settings=NO_DEADLINE, clock=clock) as gateway,
        under_load(gateway) as load,
    ):
        for tokens in (1, 2, 3):
            await load.read_until(tokens)
            await load.read_once()
            assert load.token_requests() == tokens
            clock.now += LIFETIME_S - 1
            gateway.sandbox.clock.advance(LIFETIME_S - 1)
        await load.read_until(4)
        await load.read_once()
        assert load.refusals() == 0


async def test_a_short_outage_of_the_identity_platform_fails_no_request() -> None:
    clock = FakeClock()
    async with (
        served_journey(settings=NO_DEADLINE, clock=clock) as gateway,
        under_load(gateway) as load,
    ):
        await load.read_once()
        gateway.sandbox.faults.add(Fault(FaultKind.STATUS, "token", times=2, status=503))
        clock.now += LIFETIME_S - 200
        for tokens in (2, 3, 4):
            await load.read_until(tokens)
            clock.now += 5
        await load.read_once()
        statuses = [call.status for call in gateway.sandbox.calls.token_requests]
        assert statuses == [200, 503, 503, 200]
