"""Reads that are sent in bursts, and shared. `test_reads.py` has the rules of a single read."""

import asyncio
import json

import pytest

from gateway.upstream.call import Call
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import GET_CUSTOMER, LIST_UPGRADES, UpstreamBucket
from gateway.upstream.errors import (
    CallBudgetExceeded,
    InvalidResponse,
    Throttled,
    TimedOut,
    Unavailable,
)
from gateway.upstream.rate_limits import WindowLimit
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import ConnectionLost, StaleConnection
from resolvers.promise import Promise
from tests.gateway.upstream.scripted_client import (
    ScriptedBurstTransport,
    ScriptedTokens,
    build_client,
    build_scope,
    response,
)
from tests.support.clock import FakeClock, ManualClock
from tests.support.waiting import run_ready_tasks


def read(client: UpstreamClient, name: str, scope: RequestScope) -> Promise[object]:
    return client.read(Call(GET_CUSTOMER, (name,)), scope, json.loads)


def read_many(client: UpstreamClient, count: int, scope: RequestScope) -> list[Promise[object]]:
    return [read(client, f"customer-{number}", scope) for number in range(count)]


async def test_the_reads_of_a_tick_are_sent_at_its_end_with_the_same_headers() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport)
    promises = read_many(client, 5, build_scope())
    assert transport.gets == []
    await run_ready_tasks()
    assert [sent.path for sent in transport.gets] == [
        f"/v1/customers/customer-{number}" for number in range(5)
    ]
    assert {sent.headers["Authorization"] for sent in transport.gets} == {"Bearer token-1"}
    assert {sent.headers["MS-CorrelationId"] for sent in transport.gets} == {"correlation-1"}
    assert len({sent.headers["MS-RequestId"] for sent in transport.gets}) == 5
    for number, sent in enumerate(transport.gets):
        sent.end(response(200, number))
    assert [promise.result() for promise in promises] == list(range(5))


async def test_each_read_ends_with_its_own_response() -> None:
    transport = ScriptedBurstTransport()
    first, second = read_many(build_client(transport), 2, build_scope())
    await run_ready_tasks()
    transport.gets[1].end(response(200, 1))
    assert (first.is_settled, second.result()) == (False, 1)


async def test_reads_beyond_the_budget_fail_and_the_others_are_sent() -> None:
    transport = ScriptedBurstTransport()
    promises = read_many(build_client(transport), 3, build_scope(max_calls=2))
    await run_ready_tasks()
    assert len(transport.gets) == 2
    with pytest.raises(CallBudgetExceeded):
        await promises[2]


async def test_reads_wait_for_a_slot_and_requests_take_turns() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport, limits=ClientLimits(max_in_flight=2))
    many, one = build_scope(), build_scope()
    read_many(client, 5, many)
    _ = read(client, "one", one)
    for number in range(6):
        await run_ready_tasks()
        assert len(transport.gets) == min(number + 2, 6)
        transport.gets[number].end(response(200, number))
    order = [sent.path.rpartition("/")[2] for sent in transport.gets]
    assert order.index("one") == 3


async def test_a_queued_read_is_sent_with_the_token_of_its_turn() -> None:
    transport, tokens = ScriptedBurstTransport(), ScriptedTokens()
    client = build_client(transport, tokens=tokens, limits=ClientLimits(max_in_flight=1))
    read_many(client, 2, build_scope())
    await run_ready_tasks()
    tokens.number = 2
    transport.gets[0].end(response(200, 1))
    assert transport.gets[1].headers["Authorization"] == "Bearer token-2"


async def test_a_queued_read_that_nobody_waits_for_is_not_sent() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport, limits=ClientLimits(max_in_flight=1))
    promises = read_many(client, 3, build_scope())
    await run_ready_tasks()
    promises[1].cancel()
    transport.gets[0].end(response(200, 0))
    assert [sent.path[-1] for sent in transport.gets] == ["0", "2"]


async def test_reads_without_a_connection_at_hand_are_sent_one_by_one() -> None:
    transport = ScriptedBurstTransport(response(200, "alone"), connections=1)
    client = build_client(transport, limits=ClientLimits(max_in_flight=2))
    burst, alone = read_many(client, 2, build_scope())
    assert await alone == "alone"
    transport.gets[0].end(response(200, "burst"))
    assert await burst == "burst"


async def test_a_call_with_a_body_is_sent_alone() -> None:
    transport = ScriptedBurstTransport(response(200, 1))
    call = Call(GET_CUSTOMER, ("customer-1",), body=b"{}")
    assert await build_client(transport).read(call, build_scope(), json.loads) == 1
    assert (transport.gets, len(transport.requests)) == ([], 1)


async def test_a_429_pauses_the_reads_that_are_queued() -> None:
    clock = ManualClock()
    transport = ScriptedBurstTransport(response(200, "a"), response(200, "b"))
    client = build_client(transport, clock, limits=ClientLimits(max_in_flight=1))
    promises = read_many(client, 2, build_scope())
    other = client.read(Call(LIST_UPGRADES, ("customer-0", "s")), build_scope(), json.loads)
    await run_ready_tasks()
    transport.gets[0].end(response(429, {}, Retry_After="5"))
    await run_ready_tasks()
    assert [sent.path[-1] for sent in transport.gets] == ["0", "1"]  # of another customer
    transport.gets[1].end(response(200, "b"))
    await run_ready_tasks()
    transport.gets[2].end(response(200, "other"))
    assert [await promises[1], await other] == ["b", "other"]
    clock.advance(6.0)
    assert await promises[0] == "a"


async def test_only_as_many_reads_are_sent_as_the_rate_limit_allows() -> None:
    clock = ManualClock()
    transport = ScriptedBurstTransport(response(200, "later"))
    limits = ClientLimits(rate_limits={UpstreamBucket.UPGRADES: WindowLimit(2, 20.0)})
    client, scope = build_client(transport, clock, limits=limits), build_scope()
    promises = [
        client.read(Call(LIST_UPGRADES, ("customer", f"{number}")), scope, json.loads)
        for number in range(3)
    ]
    await run_ready_tasks()
    assert (len(transport.gets), len(transport.requests)) == (2, 0)
    for sent in transport.gets:
        sent.end(response(200, "now"))
    clock.advance(20.0)
    assert [await promise for promise in promises] == ["now", "now", "later"]


async def test_a_pause_beyond_the_deadline_fails_all_reads_without_sending_them() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport)
    (first,) = read_many(client, 1, build_scope())
    await run_ready_tasks()
    transport.gets[0].end(response(429, {}, Retry_After="57"))
    again = read(client, "customer-0", build_scope())
    for promise in (first, again):
        with pytest.raises(Throttled):
            await promise
    assert (len(transport.gets), transport.requests) == (1, [])


async def test_a_failed_attempt_is_retried_with_the_same_request_id() -> None:
    clock = FakeClock()
    transport = ScriptedBurstTransport(response(200, 1))
    (promise,) = read_many(build_client(transport, clock), 1, build_scope())
    await run_ready_tasks()
    transport.gets[0].end(ConnectionLost("reset"))
    assert await promise == 1
    assert clock.slept == [0.5]
    assert transport.sent_headers(0)["MS-RequestId"] == transport.gets[0].headers["MS-RequestId"]


async def test_a_get_on_a_stale_connection_is_sent_again_in_its_slot() -> None:
    clock = FakeClock()
    transport = ScriptedBurstTransport(response(200, 1))
    client, scope = build_client(transport, clock), build_scope()
    (promise,) = read_many(client, 1, scope)
    await run_ready_tasks()
    transport.gets[0].end(StaleConnection("closed"))
    assert [state.in_flight for state in client.rate_limit_states("partner")] == [1]
    assert await promise == 1
    assert (clock.slept, scope.budget.spent) == ([], 1)
    assert transport.sent_headers(0)["MS-RequestId"] == transport.gets[0].headers["MS-RequestId"]


async def test_a_rejected_token_is_replaced() -> None:
    transport = ScriptedBurstTransport(response(200, 1))
    (promise,) = read_many(build_client(transport), 1, build_scope())
    await run_ready_tasks()
    transport.gets[0].end(response(401, {"code": 400}))
    assert await promise == 1
    assert transport.sent_headers(0)["Authorization"] == "Bearer token-2"


async def test_a_response_that_cannot_be_decoded_is_an_error_with_the_ids_of_its_read() -> None:
    transport = ScriptedBurstTransport()
    (promise,) = read_many(build_client(transport), 1, build_scope())
    await run_ready_tasks()
    transport.gets[0].end(response(200, b"<html>"))
    with pytest.raises(InvalidResponse) as raised:
        await promise
    assert raised.value.request_id == transport.gets[0].headers["MS-RequestId"]
    assert raised.value.correlation_id == "correlation-1"


async def test_a_read_continues_while_anyone_waits_and_is_cancelled_then() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport)
    first, second = (read(client, "customer-1", build_scope()) for _ in range(2))
    await run_ready_tasks()
    first.cancel()
    assert not transport.gets[0].is_cancelled
    second.cancel()
    assert transport.gets[0].is_cancelled
    assert client.rate_limit_states("partner") == []
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_cancelled_read_is_not_joined() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport)
    read(client, "customer-1", build_scope()).cancel()
    newcomer = read(client, "customer-1", build_scope())
    await run_ready_tasks()
    (sent,) = transport.gets
    sent.end(response(200, "fresh"))
    assert await newcomer == "fresh"


async def test_a_task_that_is_cancelled_while_it_awaits_a_read_leaves_it() -> None:
    transport = ScriptedBurstTransport()
    task = asyncio.ensure_future(read(build_client(transport), "customer-1", build_scope()))
    await run_ready_tasks()
    task.cancel()
    await run_ready_tasks()
    assert transport.gets[0].is_cancelled


async def test_a_retry_that_nobody_waits_for_is_cancelled() -> None:
    clock = ManualClock()
    transport = ScriptedBurstTransport()
    client = build_client(transport, clock)
    (promise,) = read_many(client, 1, build_scope())
    await run_ready_tasks()
    transport.gets[0].end(response(503, {}))
    await clock.wait_until_asleep(1)
    promise.cancel()
    await run_ready_tasks()
    assert clock.sleeper_count == 0
    assert (client._bursts.in_flight, client._bursts.cancelled) == ({}, set())


async def test_a_read_that_is_cancelled_as_its_task_starts_frees_its_slot() -> None:
    transport = ScriptedBurstTransport(connections=0)
    client = build_client(transport)
    (promise,) = read_many(client, 1, build_scope())
    client._bursts._start()
    promise.cancel()
    await run_ready_tasks()
    assert (transport.requests, client.rate_limit_states("partner")) == ([], [])


async def test_a_read_waits_no_longer_than_each_of_its_requests() -> None:
    transport = ScriptedBurstTransport()
    client = build_client(transport)
    hurried = read(client, "customer-1", build_scope(deadline=1000.01))
    patient = read(client, "customer-1", build_scope())
    with pytest.raises(TimedOut, match="before the deadline"):
        await hurried
    transport.gets[0].end(response(200, "value"))
    assert await patient == "value"


async def test_a_request_that_joins_extends_the_deadline_of_a_retry() -> None:
    clock = FakeClock()
    transport = ScriptedBurstTransport(response(200, "value"))
    client = build_client(transport, clock)
    hurried, patient = build_scope(deadline=1005.0), build_scope(deadline=1030.0)
    first = read(client, "customer-1", hurried)
    await run_ready_tasks()
    second = read(client, "customer-1", patient)
    transport.gets[0].end(response(503, {}, Retry_After="7"))
    assert [await first, await second] == ["value", "value"]
    assert (clock.slept, hurried.deadline) == ([7.0], 1005.0)


async def test_a_read_without_a_slot_in_time_goes_on_for_requests_that_wait_longer() -> None:
    transport = ScriptedBurstTransport(response(200, "late"))
    limits = ClientLimits(max_in_flight=1)
    client = build_client(transport, limits=limits)
    _ = read(client, "blocker", build_scope())
    hurried = read(client, "customer-1", build_scope(deadline=1000.02))
    patient = read(client, "customer-1", build_scope())
    with pytest.raises(TimedOut):
        await hurried
    transport.connections = 0
    transport.gets[0].end(response(200, "blocker"))
    assert await patient == "late"


async def test_closing_the_client_fails_all_reads() -> None:
    transport = ScriptedBurstTransport(connections=1)
    client = build_client(transport)
    promises = read_many(client, 2, build_scope())
    await asyncio.sleep(0)
    late = read(client, "customer-9", build_scope())
    await client.aclose()
    for promise in (*promises, late):
        with pytest.raises(Unavailable, match="stopping"):
            await promise
    assert transport.gets[0].is_cancelled
    assert len(transport.gets) == 1
