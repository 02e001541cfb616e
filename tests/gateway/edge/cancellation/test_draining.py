"""Requests that the server cancels at the end of the grace period."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.edge.app import GatewayApp
from tests.support.small_graph import SmallGateway, small_gateway

BUY = "mutation { buy }"


@contextlib.asynccontextmanager
async def unserved() -> AsyncIterator[tuple[SmallGateway, GatewayApp]]:
    """A gateway without a server: each request is a task of the test."""
    apps: list[GatewayApp] = []

    @contextlib.asynccontextmanager
    async def serve(front: GatewayApp) -> AsyncIterator[str]:
        apps.append(front)
        yield "http://127.0.0.1"

    async with small_gateway(serve) as gateway:
        yield gateway, apps[0]


async def test_a_request_cancelled_during_draining_gets_503_and_retry_after() -> None:
    async with unserved() as (gateway, front):
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url=gateway.url) as client:
            pending = asyncio.create_task(client.post("/graphql", json={"query": BUY}))
            await gateway.state.started.wait()
            gateway.draining.begin()
            pending.cancel()
            response = await pending

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "SHUTTING_DOWN"
    assert "Retry with the same idempotency key" in error["message"]


async def test_a_request_cancelled_for_another_reason_gets_no_response() -> None:
    async with unserved() as (gateway, front):
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url=gateway.url) as client:
            pending = asyncio.create_task(client.post("/graphql", json={"query": BUY}))
            await gateway.state.started.wait()
            pending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await pending


async def test_a_websocket_cancelled_during_draining_is_closed_with_restart() -> None:
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async with unserved() as (gateway, front):
        incoming.put_nowait({"type": "websocket.connect"})
        for each in (
            {"type": "connection_init"},
            {"type": "subscribe", "id": "1", "payload": {"query": BUY}},
        ):
            incoming.put_nowait({"type": "websocket.receive", "text": json.dumps(each)})
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "headers": [(b"host", b"127.0.0.1")],
            "query_string": b"",
            "subprotocols": ["graphql-transport-ws"],
        }
        serving = asyncio.create_task(front(scope, incoming.get, send))
        await gateway.state.started.wait()
        gateway.draining.begin()
        serving.cancel()
        await serving

    assert sent[-1]["type"] == "websocket.close"
    assert (sent[-1]["code"], sent[-1]["reason"]) == (
        1012,
        "The gateway is restarting. Connect again.",
    )


async def test_a_stream_cancelled_during_draining_ends_without_a_last_chunk() -> None:
    sent: list[Any] = []
    body = json.dumps({"query": BUY}).encode()
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "http.request", "body": body})

    async def send(message: Any) -> None:
        sent.append(message)

    async with unserved() as (gateway, front):
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"accept", b"text/event-stream"),
                (b"content-type", b"application/json"),
            ],
            "query_string": b"",
        }
        serving = asyncio.create_task(front(scope, incoming.get, send))
        await gateway.state.started.wait()
        gateway.draining.begin()
        serving.cancel()
        await serving

    assert [each["type"] for each in sent[:1]] == ["http.response.start"]
    assert all(each.get("more_body", True) for each in sent)
