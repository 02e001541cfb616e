"""Single connection mode of SSE, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from tests.support.event_streams import EVENTS, NUMBERS, Stream
from tests.support.small_graph import GUEST_LIFETIME_S, SmallGateway, small_gateway
from tests.support.waiting import HANG_TIMEOUT_S

TOKEN: Final = "X-GraphQL-Event-Stream-Token"


@pytest.fixture
async def gateway() -> AsyncIterator[SmallGateway]:
    async with small_gateway(streams={"max_connections": 2}) as served:
        yield served


@pytest.fixture
async def client(gateway: SmallGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=HANG_TIMEOUT_S) as client:
        yield client


async def reserved(client: httpx.AsyncClient) -> str:
    response = await client.put("/graphql")
    assert response.status_code == 201
    return response.text


@asynccontextmanager
async def opened(client: httpx.AsyncClient, token: str) -> AsyncIterator[Stream]:
    async with client.stream("GET", "/graphql", headers=EVENTS | {TOKEN: token}) as response:
        assert response.status_code == 200
        yield Stream(response)


async def submit(
    client: httpx.AsyncClient, token: str, query: str, operation_id: object = "1"
) -> httpx.Response:
    body = {"query": query, "extensions": {"operationId": operation_id}}
    return await client.post("/graphql", json=body, headers={TOKEN: token})


def parse_event(event: dict[str, str]) -> tuple[str, Any]:
    return event["event"], json.loads(event["data"])


async def test_responses_to_all_requests_arrive_on_one_stream(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    token = await reserved(client)
    early = await submit(client, token, "{ one }", "q")
    async with opened(client, token) as stream:
        query = [parse_event(await stream.event()) for _ in range(2)]
        await submit(client, token, NUMBERS, "s")
        gateway.state.publish(5, None)
        subscription = [parse_event(await stream.event()) for _ in range(2)]
        gateway.state.may_finish.set()
        await submit(client, token, "mutation { buy }", "m")
        mutation = parse_event(await stream.event())

    assert (early.status_code, early.text) == (202, "")
    assert query == [
        ("next", {"id": "q", "payload": {"data": {"one": 1}}}),
        ("complete", {"id": "q"}),
    ]
    assert subscription[0] == ("next", {"id": "s", "payload": {"data": {"numbers": 5}}})
    assert mutation == ("next", {"id": "m", "payload": {"data": {"buy": 7}}})


async def test_the_token_may_be_a_query_parameter(client: httpx.AsyncClient) -> None:
    token = await reserved(client)
    async with client.stream("GET", f"/graphql?token={token}", headers=EVENTS) as response:
        await submit(client, token, "{ one }")
        assert parse_event(await Stream(response).event())[1]["id"] == "1"


async def test_a_stopped_subscription_is_closed(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    token = await reserved(client)
    async with opened(client, token) as stream:
        await submit(client, token, NUMBERS)
        gateway.state.publish(1)
        await stream.event()
        address, headers = "/graphql?operationId=1", {TOKEN: token}
        stopped = await client.delete(address, headers=headers)
        async with asyncio.timeout(HANG_TIMEOUT_S):
            await gateway.state.all_unsubscribed.wait()
        again = await client.delete(address, headers=headers)
        nameless = await client.delete("/graphql", headers=headers)

    assert (stopped.status_code, again.status_code, nameless.status_code) == (200, 200, 400)


async def test_disconnecting_from_a_stream_discards_its_reservation(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    token = await reserved(client)
    async with opened(client, token) as stream:
        await submit(client, token, NUMBERS, "s")
        await submit(client, token, "mutation { buy }", "m")
        gateway.state.publish(1)
        await stream.event()
        await gateway.state.started.wait()
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.all_unsubscribed.wait()
    late = await submit(client, token, "{ one }")
    gateway.state.may_finish.set()

    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.finished.wait()
    assert late.status_code == 404


async def test_only_its_caller_can_use_a_reservation(client: httpx.AsyncClient) -> None:
    token = await reserved(client)
    headers = {TOKEN: token, "Authorization": "other"}
    response = await client.get("/graphql", headers=EVENTS | headers)

    assert response.status_code == 404


async def test_a_reservation_cannot_be_opened_twice(client: httpx.AsyncClient) -> None:
    token = await reserved(client)
    async with opened(client, token) as stream:
        await submit(client, token, "{ one }")
        await stream.event()
        second = await client.get("/graphql", headers=EVENTS | {TOKEN: token})

    assert second.status_code == 409


@pytest.mark.parametrize(
    ("query", "operation_id", "status"),
    [("{ one }", None, 400), ("{ one }", 1, 400), ("{", "2", 400), ("{ two }", "2", 422)],
    ids=["no id", "a number", "no document", "no such field"],
)
async def test_an_invalid_request_gets_an_error_status(
    client: httpx.AsyncClient, query: str, operation_id: object, status: int
) -> None:
    response = await submit(client, await reserved(client), query, operation_id)

    assert response.status_code == status
    assert response.json()["errors"]


async def test_an_operation_id_cannot_be_used_twice_at_once(client: httpx.AsyncClient) -> None:
    token = await reserved(client)
    first, second = [await submit(client, token, NUMBERS) for _ in range(2)]

    assert (first.status_code, second.status_code) == (202, 409)


async def test_a_stream_rejects_arrays_of_requests(client: httpx.AsyncClient) -> None:
    headers = {TOKEN: await reserved(client)}
    response = await client.post("/graphql", json=[{"query": "{ one }"}], headers=headers)

    assert response.status_code == 422


async def test_streams_of_a_caller_are_limited(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await reserved(client)
    refused = await client.put("/graphql")

    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_running_requests_of_a_stream_are_limited() -> None:
    async with (
        small_gateway(streams={"max_running": 1}) as served,
        httpx.AsyncClient(base_url=served.url, timeout=HANG_TIMEOUT_S) as client,
    ):
        token = await reserved(client)
        first = await submit(client, token, NUMBERS)
        refused = await submit(client, token, NUMBERS, "2")

    assert (first.status_code, refused.status_code) == (202, 429)
    assert refused.json()["errors"][0]["extensions"]["rule"] == "running"


async def test_a_subscription_ends_when_its_token_expires(
    gateway: SmallGateway,
) -> None:
    guest = {"Authorization": "guest"}
    async with httpx.AsyncClient(
        base_url=gateway.url, timeout=HANG_TIMEOUT_S, headers=guest
    ) as client:
        token = await reserved(client)
        async with opened(client, token) as stream:
            await submit(client, token, NUMBERS)
            gateway.state.publish(1)
            await stream.event()
            gateway.clock.advance(GUEST_LIFETIME_S)
            error, end = [parse_event(await stream.event()) for _ in range(2)]
            await submit(client, token, "{ one }", "2")
            other = parse_event(await stream.event())

    assert error[0] == "next"
    assert error[1]["id"] == "1"
    assert error[1]["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert end == ("complete", {"id": "1"})
    assert other == ("next", {"id": "2", "payload": {"data": {"one": 1}}})
