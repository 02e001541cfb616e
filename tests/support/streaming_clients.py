"""Minimal WebSocket and SSE clients of the gateway."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection

from tests.support.sockets import PROTOCOL, connect


@dataclass(frozen=True, slots=True)
class GraphQLSocket:
    """An initialised connection."""

    connection: ClientConnection

    async def subscribe(self, operation_id: str, query: str, **variables: object) -> None:
        """Send a request."""
        payload = {"query": query, "variables": variables}
        message = {"type": "subscribe", "id": operation_id, "payload": payload}
        await self.connection.send(json.dumps(message))

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.connection.recv())
        return message

    async def collect_payloads(self, operation_id: str) -> list[dict[str, Any]]:
        """Collect the payloads of the only running request, until it completes."""
        payloads = []
        while (message := await self.receive())["type"] == "next":
            assert message["id"] == operation_id
            payloads.append(message["payload"])
        assert message == {"type": "complete", "id": operation_id}
        return payloads


@contextlib.asynccontextmanager
async def graphql_socket(url: str) -> AsyncIterator[GraphQLSocket]:
    """Connect and initialise."""
    address = url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL]) as connection:
        await connection.send('{"type": "connection_init"}')
        assert json.loads(await connection.recv()) == {"type": "connection_ack"}
        yield GraphQLSocket(connection)


async def event_payloads(
    client: httpx.AsyncClient, query: str, **variables: object
) -> list[dict[str, Any]]:
    """Request an event stream and collect its payloads."""
    body = {"query": query, "variables": variables}
    response = await client.post("/graphql", json=body, headers={"Accept": "text/event-stream"})
    assert response.text.endswith("event: complete\ndata:\n\n"), response.text
    lines = response.text.splitlines()
    return [json.loads(line[5:]) for line in lines if line.startswith("data:") and line[5:]]
