"""The documented nginx configuration, with nginx in front of gateways."""

import asyncio
import contextlib
import json
import os
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from websockets.asyncio.client import unix_connect

from gateway.sandbox.faults import Fault, FaultKind
from gateway.settings import Settings
from tests.support.certificates import write_certificate
from tests.support.journey import Journey, served_journey
from tests.support.misbehaving_server import Server, ok_response, raw_server
from tests.support.sockets import PROTOCOL
from tests.support.waiting import HANG_TIMEOUT_S, eventually

CONFIGURATION: Final = Path(__file__).parents[2] / "deploy/nginx/upgrade-gateway.conf"
NGINX: Final = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
NAME: Final = "gateway.example.com"
TLS: Final = "/etc/nginx/tls/gateway.example.com"
AROUND: Final = """
daemon off; pid {folder}/pid; error_log stderr warn; {user}
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/upgrade-gateway.conf;
}}
"""
DEFERRED: Final = '{ __typename ... @defer { customer(id: "%s") { id } } }'

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not under pytest's own folder: the path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="nginx-") as text:
        yield Path(text)


def write_configuration(folder: Path, *upstreams: str) -> Path:
    """Write the shipped configuration for one or two servers; returns the socket of nginx."""
    certificate, socket = write_certificate(folder), folder / "socket"
    changes = {
        "gateway-1:8000": upstreams[0].removeprefix("http://"),
        "gateway-2:8000": upstreams[-1].removeprefix("http://"),
        f"{TLS}.pem": str(certificate),
        f"{TLS}.key": str(certificate),
        "listen 443 ": f"listen unix:{socket} ",
    }
    written = CONFIGURATION.read_text()
    for shipped, used in changes.items():
        assert shipped in written
        written = written.replace(shipped, used)
    (folder / CONFIGURATION.name).write_text(written)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    return socket


@contextlib.asynccontextmanager
async def nginx(folder: Path, *upstreams: str) -> AsyncIterator[Path]:
    """Run nginx in front of one or two servers. Yields the socket on which it listens."""
    socket = write_configuration(folder, *upstreams)
    command = (str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr")
    process = await asyncio.create_subprocess_exec(*command)
    try:
        await eventually(lambda: asyncio.to_thread(socket.exists), bool)
        assert process.returncode is None
        yield socket
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def browser(socket: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of nginx that sends the headers of a browser."""
    transport = httpx.AsyncHTTPTransport(uds=str(socket), verify=_trusting())
    origin = {"Origin": f"https://{NAME}"}
    async with httpx.AsyncClient(
        transport=transport, base_url=f"https://{NAME}", timeout=HANG_TIMEOUT_S, headers=origin
    ) as client:
        yield client


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with served_journey(settings={"http": {"allowed_hosts": NAME}}) as started:
        yield started


async def test_pages_of_the_gateway_may_send_requests_and_others_may_not(
    gateway: Journey, folder: Path
) -> None:
    body = {"query": "{ __typename }"}
    async with nginx(folder, gateway.url) as socket, browser(socket) as client:
        own = await client.post("/graphql", json=body)
        foreign = await client.post("/graphql", json=body, headers={"Origin": "https://other"})
        metrics = await client.get("/metrics")
    assert (own.status_code, own.json()["data"]) == (200, {"__typename": "Query"})
    assert (foreign.status_code, metrics.status_code) == (403, 404)


async def test_the_longest_batch_passes_and_what_is_too_large_does_not(
    gateway: Journey, folder: Path
) -> None:
    largest = Settings().limits.max_batch_bytes
    async with nginx(folder, gateway.url) as socket, browser(socket) as client:
        passed, rejected = [
            await client.post(
                "/graphql",
                content=b'{"query": "{ __typename }"}'.ljust(size),
                headers={"Content-Type": "application/json"},
            )
            for size in (largest, largest + 1)
        ]
    assert (passed.status_code, rejected.status_code) == (200, 413)


async def test_parts_of_a_response_arrive_when_they_are_sent(
    gateway: Journey, folder: Path
) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "get_customer"))
    async with nginx(folder, gateway.url) as socket, browser(socket) as client:
        request = client.build_request(
            "POST",
            "/graphql",
            json={"query": DEFERRED % customer_id},
            headers={"Accept": "multipart/mixed;deferSpec=20220824"},
        )
        response = await client.send(request, stream=True)
        parts = response.aiter_text()
        first = await anext(parts)
        gateway.sandbox.faults.release()
        others = "".join([part async for part in parts])
    assert '"__typename":"Query"' in first
    assert customer_id not in first
    assert customer_id in others


async def test_a_websocket_is_passed_on(gateway: Journey, folder: Path) -> None:
    origin: Any = f"https://{NAME}"
    async with (
        nginx(folder, gateway.url) as socket,
        unix_connect(
            str(socket),
            f"wss://{NAME}/graphql",
            ssl=_trusting(),
            subprotocols=[PROTOCOL],
            origin=origin,
            open_timeout=HANG_TIMEOUT_S,
        ) as connection,
    ):
        await connection.send('{"type": "connection_init"}')
        payload = {"query": "{ __typename }"}
        await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        types = [json.loads(await connection.recv())["type"] for _ in range(3)]
    assert types == ["connection_ack", "next", "complete"]


def count_requests(counts: list[int], answer: bytes) -> Server:
    """Count the requests to a server that responds with these bytes, or not at all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            counts.append(1)
            if not answer:
                return
            writer.write(answer)

    return serve


async def test_a_request_that_was_sent_is_not_repeated_at_another_replica(folder: Path) -> None:
    requests: list[int] = []
    dying = count_requests(requests, b"")
    async with (
        raw_server(dying) as one,
        raw_server(dying) as other,
        nginx(folder, one, other) as socket,
        browser(socket) as client,
    ):
        response = await client.post("/graphql")
    assert response.status_code == 502
    assert len(requests) == 1


async def test_a_replica_that_accepts_no_connections_is_passed_over(folder: Path) -> None:
    requests: list[int] = []
    async with raw_server(count_requests([], b"")) as stopped:
        pass
    living = count_requests(requests, ok_response(b"{}"))
    async with (
        raw_server(living) as other,
        nginx(folder, stopped, other) as socket,
        browser(socket) as client,
    ):
        statuses = [(await client.post("/graphql")).status_code for _ in range(4)]
    assert statuses == [200] * 4
    assert len(requests) == 4


async def test_requests_share_connections_to_the_gateway(folder: Path) -> None:
    connections: list[int] = []
    respond = count_requests([], ok_response(b"{}"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        await respond(reader, writer)

    async with (
        raw_server(serve) as only,
        nginx(folder, only) as socket,
        browser(socket) as client,
    ):
        for _ in range(8):
            await client.post("/graphql")
    # Each worker of nginx has its own connections, and `only` is listed twice.
    assert len(connections) <= 2
