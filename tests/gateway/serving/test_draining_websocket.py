"""What a WebSocket is told when the server stops, by uvicorn as it runs."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Final

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gateway.edge.front import Front
from gateway.serving.servers import Bounds, draining_config
from tests.support.small_graph import SmallGateway, small_gateway
from tests.support.sockets import PROTOCOL, connect

GRACE_S: Final = 20.0


class Served:
    """The small graph, on a server that can be stopped."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None

    @contextlib.asynccontextmanager
    async def serving(self, front: Front) -> AsyncIterator[str]:
        listener = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(draining_config(front, Bounds(GRACE_S, 10_000, 60)))
        running = asyncio.create_task(self._server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.stop()
        await running

    def stop(self) -> None:
        """As a signal does."""
        assert self._server is not None
        self._server.should_exit = True


async def asked(gateway: SmallGateway, socket: ClientConnection, query: str) -> None:
    request = {"type": "subscribe", "id": "1", "payload": {"query": query}}
    await socket.send(json.dumps({"type": "connection_init"}))
    await socket.send(json.dumps(request))
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}


async def all_of(socket: ClientConnection) -> list[str]:
    """Return the types of the messages that come before the end."""
    types = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            types.append(json.loads(await socket.recv())["type"])
    return types


async def test_a_mutation_that_is_waited_for_is_answered_before_the_end() -> None:
    served = Served()
    async with (
        small_gateway(served.serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        await asked(gateway, socket, "mutation { buy }")
        await gateway.world.begun.wait()
        served.stop()
        await gateway.draining.begun()
        gateway.world.may_end.set()
        assert await all_of(socket) == ["next", "complete"]
        assert socket.close_code == 1012


async def test_a_subscription_is_sent_away_at_once() -> None:
    served = Served()
    async with (
        small_gateway(served.serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        await asked(gateway, socket, "subscription { numbers }")
        served.stop()
        assert await all_of(socket) == []
        assert socket.close_code == 1012


@pytest.mark.parametrize(
    ("protocols", "code"), [([PROTOCOL], 1012), (None, 4406)], ids=["not initialised", "closed"]
)
async def test_a_connection_without_requests_does_not_delay_the_end(
    protocols: list[Subprotocol] | None, code: int
) -> None:
    served = Served()
    async with (
        small_gateway(served.serving, streams={"init_within_s": 60}) as gateway,
        connect(gateway.socket_url, subprotocols=protocols) as socket,
    ):
        served.stop()
        assert await all_of(socket) == []
        assert socket.close_code == code
