"""The connections of the gateway's own HTTP client, beyond what all transports do."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from gateway.upstream.transport.asyncio_transport import AsyncioTransport
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    IncompleteResponse,
    OutgoingRequest,
    ResponseTooLarge,
)
from gateway.upstream.transport.http1.connection import Http1Connection, RawOutcome
from gateway.upstream.transport.http1.request_serializer import UnsendableRequest, serialize_request
from gateway.upstream.transport.http1.response import RawResponse
from tests.support.certificates import write_certificate
from tests.support.clock import FakeClock
from tests.support.misbehaving_server import get_request, ok_response, raw_server, respond_with
from tests.support.waiting import HANG_TIMEOUT_S, eventually

OK = ok_response(b"ok")

unlimited_transport = partial(AsyncioTransport, connect_timeout_s=HANG_TIMEOUT_S)


@pytest.fixture
async def transport() -> AsyncIterator[AsyncioTransport]:
    # With a fake clock, connections are never idle for long, however slow the machine is.
    opened = unlimited_transport(max_response_bytes=10_000, monotonic=FakeClock().monotonic)
    yield opened
    await opened.aclose()


def post(url: str) -> OutgoingRequest:
    return OutgoingRequest("POST", url, (), b"{}", HANG_TIMEOUT_S)


class ClosesAfterOneResponse:
    """Responds to the first request of a connection and closes it at the second."""

    def __init__(self, farewell: bytes = b"") -> None:
        self.connections = 0
        self.requests = 0
        self._farewell = farewell

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await self._request(reader)
        writer.write(OK)
        await self._request(reader)
        writer.write(self._farewell)

    async def _request(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        if head.startswith(b"POST"):
            await reader.readexactly(2)


async def test_a_get_on_a_connection_closed_by_the_server_is_sent_again(
    transport: AsyncioTransport,
) -> None:
    server = ClosesAfterOneResponse()
    async with raw_server(server) as url:
        for _ in range(3):
            assert (await transport.send(get_request(url))).body == b"ok"
    assert server.connections == 3


async def test_a_post_on_a_connection_closed_by_the_server_fails_and_is_not_sent_again(
    transport: AsyncioTransport,
) -> None:
    server = ClosesAfterOneResponse()
    async with raw_server(server) as url:
        await transport.send(post(url))
        with pytest.raises(ConnectionLost):
            await transport.send(post(url))
    assert (server.connections, server.requests) == (1, 2)


async def test_a_post_uses_no_connection_that_has_been_idle_for_long() -> None:
    clock, server = FakeClock(), ClosesAfterOneResponse()
    transport = unlimited_transport(monotonic=clock.monotonic)
    async with raw_server(server) as url:
        await transport.send(post(url))
        await clock.sleep(1.1)
        assert (await transport.send(post(url))).body == b"ok"
        assert server.connections == 2
        await transport.aclose()


@pytest.mark.parametrize(("idle_s", "connections"), [(1.1, 1), (59.0, 1), (61.0, 2)])
async def test_a_get_uses_a_connection_until_most_servers_close_it(
    idle_s: float, connections: int
) -> None:
    clock, served = FakeClock(), list[asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK)

    transport = unlimited_transport(monotonic=clock.monotonic)
    async with raw_server(serve) as url:
        await transport.send(get_request(url))
        await clock.sleep(idle_s)
        await transport.send(get_request(url))
        await transport.aclose()
    assert len(served) == connections


async def test_a_get_whose_response_has_started_is_not_sent_again(
    transport: AsyncioTransport,
) -> None:
    server = ClosesAfterOneResponse(farewell=b"HTTP/1.1 2")
    async with raw_server(server) as url:
        await transport.send(get_request(url))
        with pytest.raises(ConnectionLost):
            await transport.send(get_request(url))
    assert server.connections == 1


async def test_a_connection_closed_while_idle_is_not_used(
    transport: AsyncioTransport,
) -> None:
    async with raw_server(respond_with(OK)) as url:
        await transport.send(post(url))
        (connection,) = transport.pool._open

        async def is_open() -> bool:
            return connection.is_open

        await eventually(is_open, lambda is_open: not is_open)
        assert (await transport.send(post(url))).body == b"ok"


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + OK,
        OK + b"more than was announced",
    ],
    ids=["asked to close", "HTTP/1.0", "two answers to one request", "a tail"],
)
async def test_a_connection_in_an_unknown_state_is_not_used_again(
    transport: AsyncioTransport, response: bytes
) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(response)

    async with raw_server(serve) as url:
        for _ in range(2):
            assert (await transport.send(get_request(url))).body == b"ok"
    assert connections == 2


@pytest.mark.parametrize(
    ("response", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["until the connection ends", "in chunks", "after an informational answer", "none"],
)
async def test_a_body_is_read_with_every_framing(
    transport: AsyncioTransport, response: bytes, body: bytes
) -> None:
    async with raw_server(respond_with(response)) as url:
        assert (await transport.send(get_request(url))).body == body


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, ResponseTooLarge),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", ConnectionLost),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n", IncompleteResponse),
        (ok_response(b"?", b"Content-Encoding: br"), IncompleteResponse),
        (ok_response(b"\x1f\x8b\x08\x00", b"Content-Encoding: gzip"), IncompleteResponse),
    ],
    ids=["endless head", "another protocol", "a broken chunk", "not asked for", "half a gzip"],
)
async def test_an_invalid_response_is_an_error(
    transport: AsyncioTransport, response: bytes, kind: type[Exception]
) -> None:
    async with raw_server(respond_with(response)) as url:
        with pytest.raises(kind) as raised:
            await transport.send(get_request(url))
    assert type(raised.value) is kind


class Wire(asyncio.Transport):
    """Accepts writes until it is aborted."""

    def write(self, data: object) -> None: ...

    def abort(self) -> None:
        raise AssertionError("the connection was hung up")


async def test_a_response_larger_than_a_head_leaves_its_connection_open() -> None:
    connection = Http1Connection(max_response_bytes=1_000_000)
    connection.connection_made(Wire())
    ended: list[RawOutcome] = []
    connection.exchange(b"GET / HTTP/1.1\r\n\r\n", ended.append)
    connection.data_received(ok_response(b"x" * 200_000))
    (raw,) = ended
    assert isinstance(raw, RawResponse)
    assert len(b"".join(raw.body)) == 200_000
    assert connection.is_open


async def test_a_body_in_one_byte_chunks_takes_hardly_more_memory_than_its_length() -> None:
    connection = Http1Connection(max_response_bytes=1_000_000)
    connection.connection_made(Wire())
    ended: list[RawOutcome] = []
    connection.exchange(b"GET / HTTP/1.1\r\n\r\n", ended.append)
    connection.data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(10):
        connection.data_received(b"1\r\nx\r\n" * 1_000)
    connection.data_received(b"0\r\nContent-Encoding: br\r\n\r\n")
    (raw,) = ended
    assert isinstance(raw, RawResponse)
    assert (len(raw.body), len(b"".join(raw.body))) == (2, 10_000)
    assert [name for name, _ in raw.headers] == [b"Transfer-Encoding"]  # trailers are none
    assert connection.is_open


async def test_endless_informational_responses_are_an_error(transport: AsyncioTransport) -> None:
    async with raw_server(respond_with(b"HTTP/1.1 102 Processing\r\n\r\n" * 10_000)) as url:
        with pytest.raises(ResponseTooLarge):
            await transport.send(get_request(url))


async def test_closing_fails_what_is_in_flight() -> None:
    transport = unlimited_transport()
    arrived = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await reader.read()

    async with raw_server(serve) as url:
        task = asyncio.create_task(transport.send(get_request(url)))
        await arrived.wait()
        await transport.aclose()
        with pytest.raises(ConnectionLost, match="stopping"):
            await task


@pytest.mark.parametrize(
    "request_",
    [
        OutgoingRequest("GET", "http://a/ b", (), None, 1.0),
        OutgoingRequest("GET", "http://a/\u00e9", (), None, 1.0),
        OutgoingRequest("GET", "http://user@a/", (), None, 1.0),
        OutgoingRequest("GET x", "http://a/", (), None, 1.0),
        OutgoingRequest("GET", "http://a/", (("X Y", "b"),), None, 1.0),
        OutgoingRequest("GET", "http://a/", (("X:", "b"),), None, 1.0),
        OutgoingRequest("GET", "http://a/", (("X", "b\rc"),), None, 1.0),
        OutgoingRequest("GET", "http://a/", (("X", "\u2713"),), None, 1.0),
    ],
    ids=repr,
)
def test_a_malformed_request_is_not_written(request_: OutgoingRequest) -> None:
    with pytest.raises(UnsendableRequest):
        serialize_request(request_)


def test_a_request_is_written_in_one_piece() -> None:
    head = serialize_request(
        OutgoingRequest("POST", "https://[::1]:8443/v1?a=b", (("X", "y"),), b"{}", 1.0)
    )
    assert (head.origin.host, head.origin.port, head.origin.is_tls) == ("::1", 8443, True)
    assert head.request == (
        b"POST /v1?a=b HTTP/1.1\r\nHost: [::1]:8443\r\nX: y\r\nAccept-Encoding: gzip\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )


@asynccontextmanager
async def serving_tls(file: Path) -> AsyncIterator[int]:
    """Serve TLS on a port of `localhost` with a certificate and its key."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(file)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond_with(OK)(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "localhost", 0, ssl=server_side, family=2)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_needs_a_trusted_certificate(
    tmp_path: Path, transport: AsyncioTransport
) -> None:
    file = write_certificate(tmp_path)
    trusting = unlimited_transport(
        create_tls_context=lambda: ssl.create_default_context(cafile=str(file))
    )
    async with serving_tls(file) as port:
        with pytest.raises(ConnectFailed, match="certificate"):
            await transport.send(get_request(f"https://localhost:{port}/"))
        with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1"):
            await trusting.send(get_request(f"https://127.0.0.1:{port}/"))
        assert (await trusting.send(get_request(f"https://localhost:{port}/"))).body == b"ok"
    await trusting.aclose()
