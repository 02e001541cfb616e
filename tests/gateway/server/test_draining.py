"""WebSockets of a running uvicorn when the server stops."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from gateway.edge.app import GatewayApp
from gateway.server.uvicorn_runner import ServerLimits, build_draining_config
from tests.support.small_graph import SmallGateway, small_gateway
from tests.support.sockets import PROTOCOL, connect

GRACE_S: Final = 20.0


class Served:
    """The small graph, on a server that can be stopped."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None

    @contextlib.asynccontextmanager
    async def serving(self, front: GatewayApp) -> AsyncIterator[str]:
        listener = socket.create_server(("127.0.0.1", 0))
        config = build_draining_config(front, ServerLimits(GRACE_S, 10_000, 60))
        self._server = uvicorn.Server(config)
        running = asyncio.create_task(self._server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.stop()
        await running

    def stop(self) -> None:
        """As a signal does."""
        assert self._server is not None
        self._server.should_exit = True


async def execute(gateway: SmallGateway, socket: ClientConnection, query: str) -> None:
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


async def test_a_mutation_that_is_waited_for_gets_its_response_before_the_end() -> None:
    served = Served()
    async with (
        small_gateway(served.serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        await execute(gateway, socket, "mutation { buy }")
        await gateway.state.started.wait()
        served.stop()
        await gateway.draining.wait_begun()
        gateway.state.may_finish.set()
        assert await all_of(socket) == ["next", "complete"]
        assert socket.close_code == 1012


async def test_a_subscription_is_sent_away_at_once() -> None:
    served = Served()
    async with (
        small_gateway(served.serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        await execute(gateway, socket, "subscription { numbers }")
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


@pytest.mark.parametrize(
    "sizes", [[20_000_000], [1_000_000] * 20], ids=["in one frame", "in many frames"]
)
async def test_a_message_that_is_too_large_closes_with_a_reason(sizes: list[int]) -> None:
    async with (
        small_gateway(Served().serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * size for size in sizes)
        assert await all_of(socket) == []
        assert socket.close_code == 1009


async def test_a_client_may_send_the_rest_of_a_message_before_it_reads_why_it_is_refused() -> None:
    async with small_gateway(Served().serving) as gateway:
        address = urlsplit(gateway.socket_url)
        client = ClientProtocol(parse_uri(gateway.socket_url), subprotocols=[PROTOCOL])
        client.send_request(client.connect())
        loop = asyncio.get_running_loop()
        with socket.socket() as connection:
            connection.setblocking(False)
            await loop.sock_connect(connection, (address.hostname, address.port))
            await loop.sock_sendall(connection, b"".join(client.data_to_send()))
            while client.state is State.CONNECTING:
                client.receive_data(await loop.sock_recv(connection, 65_536))
            client.send_text(b"x" * 20_000_000)
            await loop.sock_sendall(connection, b"".join(client.data_to_send()))
            while received := await loop.sock_recv(connection, 65_536):
                client.receive_data(received)
        assert client.close_rcvd is not None
        assert client.close_rcvd.code == 1009


async def test_invalid_utf_8_closes_with_a_reason() -> None:
    async with (
        small_gateway(Served().serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        await socket.send(b"\xff\xfe", text=True)
        assert await all_of(socket) == []
        assert socket.close_code == 1007


async def test_a_client_that_never_stops_sending_does_not_delay_the_end() -> None:
    served = Served()
    async with (
        small_gateway(served.serving) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * 20_000)
        assert await all_of(socket) == []
        served.stop()
