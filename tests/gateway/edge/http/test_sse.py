"""Server-Sent Events with one stream for each request, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
import pytest

from gateway.edge.cancellation.credential_monitor import REVOKED
from tests.support.event_streams import EVENTS, NUMBERS, Stream
from tests.support.small_graph import GUEST_LIFETIME_S, SmallGateway, small_gateway
from tests.support.waiting import HANG_TIMEOUT_S

# What urql sends for queries.
MIXED: Final = (
    "application/graphql-response+json, application/graphql+json, application/json,"
    " text/event-stream, multipart/mixed"
)


@pytest.fixture
async def gateway() -> AsyncIterator[SmallGateway]:
    async with small_gateway() as served:
        yield served


@pytest.fixture
async def client(gateway: SmallGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=HANG_TIMEOUT_S) as client:
        yield client


@asynccontextmanager
async def open_stream(
    client: httpx.AsyncClient, query: str, **headers: str
) -> AsyncIterator[Stream]:
    request = client.stream("POST", "/graphql", json={"query": query}, headers=EVENTS | headers)
    async with request as response:
        yield Stream(response)


async def test_a_subscription_is_a_stream_that_completes(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, NUMBERS) as stream:
        gateway.state.publish(1, 2, None)
        first, second, last, end = [await stream.event() for _ in range(4)]

    assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.response.headers["cache-control"] == "no-store, no-transform"
    assert stream.response.headers["x-accel-buffering"] == "no"
    assert (first["event"], json.loads(first["data"])) == ("next", {"data": {"numbers": 1}})
    assert (second["event"], json.loads(second["data"])) == ("next", {"data": {"numbers": 2}})
    assert last == {"event": "complete", "data": ""}
    assert end == {}


async def test_an_event_source_can_subscribe_by_get(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    gateway.state.publish(1, None)
    response = await client.get("/graphql", params={"query": NUMBERS}, headers=EVENTS)

    assert "event: next" in response.text
    assert response.text.endswith("event: complete\ndata:\n\n")


@pytest.mark.parametrize(
    ("query", "accept", "is_stream"),
    [
        ("{ one }", "text/event-stream", True),
        ("{ one }", "text/event-stream, application/json;q=0.5", True),
        ("{ one }", MIXED, False),
        ("{ one }", "*/*", False),
        ("{ one }", "application/json, text/event-stream;q=0.9", False),
        (NUMBERS, MIXED, True),
        (NUMBERS, "text/event-stream, multipart/mixed", True),
    ],
)
async def test_events_are_sent_if_preferred_or_required(
    gateway: SmallGateway, client: httpx.AsyncClient, query: str, accept: str, is_stream: bool
) -> None:
    gateway.state.publish(1, None)
    response = await client.post("/graphql", json={"query": query}, headers={"Accept": accept})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream") == is_stream
    assert "errors" not in response.text


async def test_a_subscription_needs_a_client_that_accepts_events(client: httpx.AsyncClient) -> None:
    headers = {"Accept": "application/json"}
    response = await client.post("/graphql", json={"query": NUMBERS}, headers=headers)

    assert response.status_code == 406
    assert "text/event-stream" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    ["{", "{ two }", 'subscription { of(id: "x") }'],
    ids=["no document", "no such field", "its field refuses"],
)
async def test_a_rejection_is_sent_as_an_event(client: httpx.AsyncClient, query: str) -> None:
    async with open_stream(client, query) as stream:
        refused, last = await stream.all()

    assert stream.response.status_code == 200
    content = json.loads(refused["data"])
    assert "data" not in content
    assert content["errors"][0]["extensions"]["code"] in {"INVALID_INPUT", "NOT_FOUND"}
    assert last["event"] == "complete"


async def test_a_reconnecting_client_gets_only_new_states(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    gateway.state.publish(1, 2, None)
    async with open_stream(client, NUMBERS) as stream:
        first, second, _ = await stream.all()
    gateway.state.publish(2, 3, None)
    async with open_stream(client, NUMBERS, **{"Last-Event-ID": second["id"]}) as stream:
        resumed = await stream.all()
    gateway.state.publish(2, None)
    async with open_stream(client, NUMBERS, **{"Last-Event-ID": second["id"]}) as stream:
        ended = await stream.all()

    assert first["id"] != second["id"]
    assert [json.loads(event["data"]) for event in resumed[:-1]] == [{"data": {"numbers": 3}}]
    assert ended == [{"event": "complete", "data": ""}]


async def test_disconnecting_ends_a_subscription(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, NUMBERS) as stream:
        gateway.state.publish(1)
        await stream.event()
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.all_unsubscribed.wait()


async def test_disconnecting_does_not_stop_a_mutation(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, "mutation { buy }"):
        await gateway.state.started.wait()
    gateway.state.may_finish.set()
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.finished.wait()


async def test_a_mutation_by_get_gets_405(client: httpx.AsyncClient) -> None:
    response = await client.get("/graphql", params={"query": "mutation { buy }"}, headers=EVENTS)

    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_a_stream_sends_keep_alive_comments() -> None:
    async with (
        small_gateway(streams={"keep_alive_s": 0.01}) as gateway,
        httpx.AsyncClient(base_url=gateway.url, timeout=HANG_TIMEOUT_S) as client,
        open_stream(client, NUMBERS) as stream,
    ):
        lines = stream.response.aiter_lines()
        expected_text = [await anext(lines) for _ in range(6)]

    assert expected_text == [":", ""] * 3


async def test_draining_ends_subscriptions_with_a_reconnect_time(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, NUMBERS) as stream:
        gateway.state.publish(1)
        await stream.event()
        gateway.draining.begin()
        rest = await stream.all()

    assert rest == [{"retry": "1000"}]
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.all_unsubscribed.wait()


async def test_a_subscription_ends_when_its_token_expires(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, NUMBERS, Authorization="guest") as stream:
        gateway.state.publish(1)
        await stream.event()
        gateway.clock.advance(GUEST_LIFETIME_S)
        error, last = await stream.all()

    (content,) = json.loads(error["data"])["errors"]
    assert error["event"] == "next"
    assert content["extensions"]["code"] == "UNAUTHENTICATED"
    assert content["message"] == REVOKED
    assert last == {"event": "complete", "data": ""}
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.all_unsubscribed.wait()


async def test_a_mutation_completes_after_its_token_has_expired(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, "mutation { buy }", Authorization="guest") as stream:
        await gateway.state.started.wait()
        gateway.clock.advance(GUEST_LIFETIME_S)
        gateway.state.may_finish.set()
        response, _ = await stream.all()

    assert json.loads(response["data"]) == {"data": {"buy": 7}}


async def test_a_mutation_completes_during_draining(
    gateway: SmallGateway, client: httpx.AsyncClient
) -> None:
    async with open_stream(client, "mutation { buy }") as stream:
        await gateway.state.started.wait()
        gateway.draining.begin()
        gateway.state.may_finish.set()
        response, _ = await stream.all()

    assert json.loads(response["data"]) == {"data": {"buy": 7}}
