import asyncio
import json

import pytest

from gateway.upstream.call import Call
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.endpoints import GET_CUSTOMER, PERFORM_UPGRADE
from gateway.upstream.errors import CallBudgetExceeded, TimedOut, Unavailable
from gateway.upstream.scope import RequestScope
from gateway.upstream.transport.base import OutgoingRequest, ResponseTimeout
from tests.gateway.upstream.scripted_client import (
    ScriptedReply,
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)
from tests.support.clock import FakeClock
from tests.support.waiting import run_ready_tasks

CALL = Call(GET_CUSTOMER, ("customer-1",))


async def test_a_write_cannot_be_read() -> None:
    call = Call(PERFORM_UPGRADE, ("customer-1", "subscription-1"), body=b"{}")
    with pytest.raises(ValueError, match="perform_upgrade is a write"):
        await build_client(ScriptedTransport()).read(call, build_scope(), json.loads)


async def test_identical_reads_of_two_requests_are_one_call_and_charged_to_both() -> None:
    transport = ScriptedTransport(response(200, {"id": "a"}))
    client, first, second = build_client(transport), build_scope(), build_scope()
    one, other = await asyncio.gather(
        client.read(CALL, first, json.loads), client.read(CALL, second, json.loads)
    )
    assert one is other
    assert (first.budget.spent, second.budget.spent) == (1, 1)
    assert len(transport.requests) == 1


async def test_reads_of_two_identities_are_not_shared() -> None:
    transport = ScriptedTransport(response(200, 1), response(200, 2))
    client = build_client(transport)
    one, other = await asyncio.gather(
        client.read(CALL, build_scope(identity="a"), json.loads),
        client.read(CALL, build_scope(identity="b"), json.loads),
    )
    assert (one, other) == (1, 2)


async def test_a_call_beyond_the_budget_is_not_sent() -> None:
    transport = ScriptedTransport(response())
    client, scope = build_client(transport), build_scope(max_calls=1)
    await client.read(CALL, scope, json.loads)
    with pytest.raises(CallBudgetExceeded):
        await client.read(CALL, scope, json.loads)
    assert len(transport.requests) == 1


class HeldTransport(ScriptedTransport):
    """Responds when the test allows it, and counts the requests in flight."""

    def __init__(self) -> None:
        super().__init__(script=self._hold)
        self.released = asyncio.Event()
        self.in_flight = self.most_in_flight = 0

    async def _hold(self, request: OutgoingRequest) -> ScriptedReply:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            async with asyncio.timeout(request.timeout_s):
                await self.released.wait()
        except TimeoutError:
            return ResponseTimeout("no complete answer")
        finally:
            self.in_flight -= 1
        return response(200, request.url)


async def test_calls_in_flight_are_limited_over_all_requests() -> None:
    transport = HeldTransport()
    client = build_client(transport, limits=ClientLimits(max_in_flight=3))
    tasks = [
        asyncio.ensure_future(
            client.read(Call(GET_CUSTOMER, (f"{number}",)), build_scope(), json.loads)
        )
        for number in range(20)
    ]
    await run_ready_tasks()
    assert transport.in_flight == 3
    transport.released.set()
    assert len(set(await asyncio.gather(*tasks))) == 20
    assert transport.most_in_flight == 3


async def test_a_read_that_is_cancelled_is_cancelled_upstream_too() -> None:
    transport = HeldTransport()
    task = asyncio.ensure_future(build_client(transport).read(CALL, build_scope(), json.loads))
    await run_ready_tasks()
    assert transport.in_flight == 1
    task.cancel()
    await run_ready_tasks()
    assert transport.in_flight == 0


async def test_a_read_after_its_deadline_is_not_sent() -> None:
    transport = ScriptedTransport()
    with pytest.raises(TimedOut, match="before the deadline") as raised:
        await build_client(transport).read(CALL, build_scope(deadline=1000.0), json.loads)
    assert raised.value.correlation_id == "correlation-1"
    assert transport.requests == []


async def test_a_read_without_a_response_ends_at_the_deadline() -> None:
    transport = HeldTransport()
    with pytest.raises(TimedOut, match="before the deadline"):
        await build_client(transport).read(CALL, build_scope(deadline=1000.02), json.loads)
    await run_ready_tasks()
    assert transport.in_flight == 0


async def test_a_request_does_not_inherit_the_earlier_deadline_of_another() -> None:
    transport = HeldTransport()
    client = build_client(transport)
    hurried = asyncio.ensure_future(client.read(CALL, build_scope(deadline=1000.02), json.loads))
    await asyncio.sleep(0)
    read = asyncio.ensure_future(client.read(CALL, build_scope(), json.loads))
    with pytest.raises(TimedOut):
        await hurried
    transport.released.set()
    assert await read == "http://partner.test/v1/customers/customer-1"


async def test_clients_that_leave_early_and_repeat_share_one_call() -> None:
    transport = HeldTransport()
    client = build_client(transport)
    readers: list[asyncio.Future[object]] = []
    for _ in range(40):
        readers.append(asyncio.ensure_future(client.read(CALL, build_scope(), json.loads)))
        await run_ready_tasks()
        for impatient in readers[:-3]:
            impatient.cancel()
    transport.released.set()
    outcomes = await asyncio.gather(*readers, return_exceptions=True)
    assert len(transport.requests) == 1
    assert [isinstance(outcome, str) for outcome in outcomes] == [False] * 37 + [True] * 3


async def test_a_read_is_retried_for_waiters_with_a_later_deadline() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(response(503, {}, Retry_After="7"), response(200, 1))
    client = build_client(transport, clock)
    scopes = [build_scope(deadline=clock.now + wait_s) for wait_s in (5.0, 30.0)]
    reads = [client.read(CALL, scope, json.loads) for scope in scopes]
    assert await asyncio.gather(*reads) == [1, 1]
    assert (clock.slept, len(transport.requests)) == ([7.0], 2)
    assert scopes[0].deadline == 1005.0


async def test_requests_take_turns_although_each_read_has_its_own_scope() -> None:
    transport = HeldTransport()
    client = build_client(transport, limits=ClientLimits(max_in_flight=1))
    many, one = build_scope(), build_scope()

    def read(name: str, scope: RequestScope) -> asyncio.Future[object]:
        return asyncio.ensure_future(client.read(Call(GET_CUSTOMER, (name,)), scope, json.loads))

    tasks = [read(f"many-{number}", many) for number in range(4)]
    await run_ready_tasks()
    tasks.append(read("one", one))
    await run_ready_tasks()
    transport.released.set()
    await asyncio.gather(*tasks)
    paths = [request.url.rpartition("/")[2] for request in transport.requests]
    assert paths.index("one") == 2


async def test_closing_the_client_ends_what_is_in_flight_and_closes_its_transport() -> None:
    transport = HeldTransport()
    client = build_client(transport)
    task = asyncio.ensure_future(client.read(CALL, build_scope(), json.loads))
    await run_ready_tasks()
    await client.aclose()
    assert (transport.in_flight, transport.is_closed) == (0, True)
    with pytest.raises(Unavailable, match="stopping"):
        await task


async def test_identical_reads_of_a_failing_upstream_share_their_attempts() -> None:
    clock = FakeClock()
    transport = ScriptedTransport(*[response(503, {})] * 80)
    client = build_client(transport, clock)
    scopes = [build_scope(deadline=clock.now + 20 + number) for number in range(20)]
    reads = [client.read(CALL, scope, json.loads) for scope in scopes]
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert len(transport.requests) == 4
