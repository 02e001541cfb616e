from collections.abc import Mapping
from typing import Final

import pytest

from gateway.families.shared_pauses import SharedPauses
from gateway.operations.store.base import StoreUnavailable
from gateway.upstream.call import Call
from gateway.upstream.client import UpstreamClient
from gateway.upstream.endpoints import GET_CUSTOMER
from gateway.upstream.errors import Throttled
from tests.gateway.upstream.scripted_client import (
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)
from tests.support.clock import FakeClock

CALL: Final = Call(GET_CUSTOMER, ("customer-1",))
SCOPE: Final = '["customer_reads","partner","customer-1"]'
TOO_MANY: Final = response(429, {}, Retry_After="57")


class FakeStore:
    """Contains pauses; is away while a test says so."""

    def __init__(self, others: Mapping[str, float] | None = None) -> None:
        self.others = dict(others or {})
        self.shared: dict[str, float] = {}
        self.is_away = False

    async def share_pauses(self, process: str, pauses: Mapping[str, float]) -> None:
        self._require()
        self.shared.update(pauses)

    async def read_other_pauses(self, process: str) -> dict[str, float]:
        self._require()
        return self.others

    def _require(self) -> None:
        if self.is_away:
            raise StoreUnavailable("the database is away")


async def read(client: UpstreamClient) -> bytes:
    return await client.read(CALL, build_scope(), bytes)


async def test_what_is_left_of_a_pause_is_shared() -> None:
    clock, store = FakeClock(), FakeStore()
    client = build_client(ScriptedTransport(TOO_MANY), clock)
    pauses = SharedPauses(store, client, clock)
    with pytest.raises(Throttled):
        await read(client)
    clock.now += 7
    await pauses.exchange()
    assert store.shared == {SCOPE: 50.0}


async def test_a_pause_of_another_process_stops_calls_of_its_scope() -> None:
    clock, transport = FakeClock(), ScriptedTransport()
    client = build_client(transport, clock)
    await SharedPauses(FakeStore({SCOPE: 57.0}), client, clock).exchange()
    with pytest.raises(Throttled):
        await read(client)
    assert transport.requests == []


async def test_a_rate_limit_of_a_later_version_is_passed_over() -> None:
    clock, transport = FakeClock(), ScriptedTransport(response(200, {}))
    client = build_client(transport, clock)
    store = FakeStore({'["of_a_later_version","partner",null]': 57.0, "not JSON": 57.0})
    await SharedPauses(store, client, clock).exchange()
    assert await read(client) == b"{}"


async def test_while_the_store_is_away_a_process_keeps_its_own_pause_and_shares_it_later() -> None:
    clock, store = FakeClock(), FakeStore()
    transport = ScriptedTransport(TOO_MANY)
    client = build_client(transport, clock)
    pauses = SharedPauses(store, client, clock)
    store.is_away = True
    with pytest.raises(Throttled):
        await read(client)
    with pytest.raises(StoreUnavailable):
        await pauses.exchange()
    with pytest.raises(Throttled):
        await read(client)
    store.is_away = False
    await pauses.exchange()
    assert len(transport.requests) == 1
    assert store.shared == {SCOPE: 57.0}


async def test_a_pause_that_has_ended_is_not_shared() -> None:
    clock, store = FakeClock(), FakeStore()
    client = build_client(ScriptedTransport(TOO_MANY), clock)
    pauses = SharedPauses(store, client, clock)
    with pytest.raises(Throttled):
        await read(client)
    clock.now += 60
    await pauses.exchange()
    assert store.shared == {}
