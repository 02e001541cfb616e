"""The server in its usual configuration rejects hostile requests with little work and logging."""

import asyncio
import contextlib
import io
import itertools
import json
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from gateway.app import create_app
from gateway.server.uvicorn_runner import ServerLimits, build_draining_config
from tests.security.hostile_requests import HOSTILE_REQUESTS, HostileRequest, post, request
from tests.support.long_timeouts import long_timeout_settings
from tests.support.raw_http import exchange_bytes, parse_status, send_parts
from tests.support.server import serving
from tests.support.sockets import PROTOCOL, connect
from tests.support.waiting import HANG_TIMEOUT_S

MAX_LOG_BYTES: Final = 1024
MAX_MEMORY_BYTES: Final = 5 * 2**20

pytestmark = pytest.mark.asyncio(loop_scope="module")


@contextlib.asynccontextmanager
async def running_gateway(folder: Path, *, body_within_s: float) -> AsyncIterator[str]:
    """Yield the URL of a gateway in its usual configuration."""
    settings = long_timeout_settings(
        {
            "partner": {"auth": "static", "token": "abc"},
            "limits": {"body_within_s": body_within_s},
            "database_url": f"sqlite:///{folder}/operations.db",
        }
    )
    app = create_app(settings)
    bounds = ServerLimits(settings.operations.shutdown_grace_s, settings.limits.max_body_bytes, 60)
    async with serving(app, config=build_draining_config(app, bounds)) as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("operations")
    async with running_gateway(folder, body_within_s=HANG_TIMEOUT_S) as address:
        # The response arrives when operations have started, so that loading them is not measured.
        response, _ = await send_parts(address, post({"query": "{ operations { nodes { id } } }"}))
        assert parse_status(response) == 200
        yield address


@pytest.mark.parametrize("hostile", HOSTILE_REQUESTS, ids=lambda each: each.name)
async def test_a_hostile_request_gets_its_status_and_little_logging(
    url: str, session_log: io.StringIO, hostile: HostileRequest
) -> None:
    response, _ = await send_parts(url, hostile.raw)

    assert parse_status(response) == hostile.status, response[:600]
    assert b"Traceback" not in response
    assert b'"INTERNAL"' not in response
    assert session_log.tell() <= MAX_LOG_BYTES


async def test_most_of_a_body_of_1_gib_is_not_read(url: str) -> None:
    head = post(b"", transfer_encoding="chunked")
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    tracemalloc.start()
    try:
        response, sent_bytes = await exchange_bytes(url, itertools.chain([head], [chunk] * 2**14))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert parse_status(response) == 413
    assert b"connection: close" in response.lower()
    assert sent_bytes < 2**30 / 32  # most of these bytes are in buffers of the system
    assert peak_bytes < MAX_MEMORY_BYTES


async def test_rejecting_a_body_needs_little_memory(url: str) -> None:
    bodies = [each.raw for each in HOSTILE_REQUESTS if b"POST" in each.raw[:4]]
    tracemalloc.start()
    try:
        for raw in bodies:
            tracemalloc.reset_peak()
            before_bytes, _ = tracemalloc.get_traced_memory()
            await send_parts(url, raw)
            _, peak_bytes = tracemalloc.get_traced_memory()
            assert peak_bytes - before_bytes < MAX_MEMORY_BYTES, raw[:80]
    finally:
        tracemalloc.stop()


async def test_a_body_that_does_not_arrive_times_out(tmp_path: Path) -> None:
    slow = request("POST", "/graphql", content_type="application/json", content_length="10")
    async with running_gateway(tmp_path, body_within_s=0.1) as address:
        response, _ = await send_parts(address, slow + b"{")
    assert parse_status(response) == 408
    assert b"connection: close" in response.lower()


MESSAGES: Final[dict[str, tuple[str | bytes, int]]] = {
    "a scalar": ("1", 4400),
    "null": ("null", 4400),
    "text": ('"connection_init"', 4400),
    "garbage": ("\x00\x01", 4400),
    "half a surrogate": ('{"type": "\\ud800"}', 4400),
    "deep": ("[" * 200_000, 4400),
    "bytes": (b"\xff" * 100, 4400),
    "larger than a body": (" " * 300_000, 1009),
    "17 MiB": (" " * (17 * 2**20), 1009),
}


@pytest.mark.parametrize(("message", "code"), MESSAGES.values(), ids=MESSAGES.keys())
async def test_a_hostile_message_closes_the_socket_with_its_code(
    url: str, session_log: io.StringIO, message: str | bytes, code: int
) -> None:
    address = url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        sending = asyncio.create_task(socket.send(message))
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        sending.cancel()
        await asyncio.wait([sending])
        if not sending.cancelled():
            sending.exception()
        assert socket.close_code == code
    assert session_log.tell() <= MAX_LOG_BYTES


async def test_a_flood_of_operations_on_a_socket_does_not_block_other_requests(
    url: str, session_log: io.StringIO
) -> None:
    address = url.replace("http", "ws") + "/graphql"
    # The client reads neither the responses nor the closing handshake.
    async with connect(address, subprotocols=[PROTOCOL], close_timeout=0) as socket:
        await socket.send('{"type": "connection_init"}')
        await socket.recv()
        for number in range(2_000):
            payload = {"query": "{ __typename }"}
            await socket.send(
                json.dumps({"type": "subscribe", "id": str(number), "payload": payload})
            )
        response, _ = await send_parts(url, post({"query": "{ __typename }"}))
        assert parse_status(response) == 200
    assert session_log.tell() <= MAX_LOG_BYTES
