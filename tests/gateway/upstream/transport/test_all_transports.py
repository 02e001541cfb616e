"""The behavior of all transports against misbehaving servers."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.upstream.transport.asyncio_transport import AsyncioTransport
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    Headers,
    IncompleteResponse,
    OutgoingRequest,
    ResponseTimeout,
    ResponseTooLarge,
    Transport,
    UpstreamResponse,
)
from gateway.upstream.transport.factory import TransportKind, create_transport
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.misbehaving_server import get_request, ok_response, raw_server, respond_with
from tests.support.waiting import HANG_TIMEOUT_S

SECRET = "secret-token"
MAX_RESPONSE_BYTES = 10_000


@pytest.fixture(
    params=[AsyncioTransport, HttpxTransport],
    ids=["asyncio", "httpx"],
)
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[Transport]:
    opened: Transport = request.param(
        connect_timeout_s=HANG_TIMEOUT_S, max_response_bytes=MAX_RESPONSE_BYTES
    )
    yield opened
    await opened.aclose()


async def test_a_request_arrives_as_given_and_its_response_is_read_completely(
    transport: Transport,
) -> None:
    received = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        received.set_result(head + await reader.readexactly(4))
        writer.write(b"HTTP/1.1 409 Conflict\r\nRetry-After: 5\r\nA: 1\r\na: 2\r\n")
        writer.write(b"Content-Length: 3\r\n\r\nyes")

    async with raw_server(serve) as url:
        request = OutgoingRequest(
            "POST", f"{url}/v1/a%2Fb?c=%20d", (("X-A", "b"),), b"body", HANG_TIMEOUT_S
        )
        answer = await transport.send(request)
    lines = (await received).decode().splitlines()
    assert lines[0] == "POST /v1/a%2Fb?c=%20d HTTP/1.1"
    assert lines[-1] == "body"
    assert "x-a: b" in [line.lower() for line in lines]
    assert (answer.status, answer.body, answer.is_success) == (409, b"yes", False)
    assert (answer.headers["retry-after"], answer.headers["A"]) == ("5", "1")


async def test_a_connection_is_used_again(transport: Transport) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ok_response(b"ok"))

    async with raw_server(serve) as url:
        for _ in range(3):
            assert (await transport.send(get_request(url))).body == b"ok"
    assert connections == 1


async def test_redirects_are_not_followed_and_cookies_are_not_kept(transport: Transport) -> None:
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=b\r\n")
        writer.write(b"Connection: close\r\nContent-Length: 0\r\n\r\n")

    async with raw_server(serve) as url:
        assert (await transport.send(get_request(url))).status == 302
        await transport.send(get_request(url))
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"", ConnectionLost),
        (b"HTTP/1.1 20", ConnectionLost),
        (b"no HTTP at all\r\n\r\n", ConnectionLost),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", IncompleteResponse),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", IncompleteResponse),
        (ok_response(b"not gzip", b"Content-Encoding: gzip"), IncompleteResponse),
        (ok_response(b"x" * (MAX_RESPONSE_BYTES + 1)), ResponseTooLarge),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_RESPONSE_BYTES + 1), ResponseTooLarge),
        (ok_response(gzip.compress(bytes(100_000)), b"Content-Encoding: gzip"), ResponseTooLarge),
    ],
    ids=[
        "nothing",
        "half a head",
        "another protocol",
        "part of a body",
        "part of a chunked body",
        "broken compression",
        "too long as announced",
        "too long unannounced",
        "too long decompressed",
    ],
)
async def test_the_error_of_a_broken_response_says_how_far_it_came(
    transport: Transport, said: bytes, kind: type[Exception]
) -> None:
    async with raw_server(respond_with(said)) as url:
        with pytest.raises(kind) as raised:
            await transport.send(get_request(url, Authorization=SECRET))
    assert type(raised.value) is kind
    assert SECRET not in str(raised.value)


GZIP = b"Content-Encoding: gzip"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"text"), b"gzip"),
        (gzip.compress(b"text"), b"x-gzip"),
        (gzip.compress(b"text"), b"GZIP , identity"),
        (b"text", b"identity"),
        (b"".join(map(gzip.compress, (b"t", b"", b"ex", b"t"))), b"gzip"),
        (gzip.compress(b"te") + gzip.compress(b"xt") + bytes(512), b"gzip"),
    ],
    ids=["gzip", "x-gzip", "gzip of identity", "identity", "members", "padding"],
)
async def test_a_compressed_response_is_decompressed(
    transport: Transport, body: bytes, encoding: bytes
) -> None:
    packed = ok_response(body, b"Content-Encoding: " + encoding)
    async with raw_server(respond_with(packed)) as url:
        assert (await transport.send(get_request(url))).body == b"text"


async def test_an_empty_body_is_empty_whatever_its_encoding(
    transport: Transport,
) -> None:
    async with raw_server(respond_with(ok_response(b"", GZIP))) as url:
        assert (await transport.send(get_request(url))).body == b""


@pytest.mark.parametrize("said", [b"br", b"deflate", b"gzip, gzip", b"nonsense"])
async def test_an_encoding_that_was_not_requested_is_an_error(
    transport: Transport, said: bytes
) -> None:
    async with raw_server(respond_with(ok_response(b"?", b"Content-Encoding: " + said))) as url:
        with pytest.raises(IncompleteResponse, match="not requested"):
            await transport.send(get_request(url))


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 0\r\n" + GZIP + b"\r\n\r\n",
        b"Content-Length: 8\r\n" + GZIP + b"\r\n\r\nnot gzip",
        b"Content-Length: 1\r\nContent-Encoding: br\r\n\r\n?",
        b"Content-Length: 100\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nno size\r\n",
        b"\r\n" + b"x" * (MAX_RESPONSE_BYTES + 1),
    ],
    ids=[
        "empty",
        "broken compression",
        "another compression",
        "part of a body",
        "part of a chunked body",
        "a broken chunk",
        "too long",
    ],
)
@pytest.mark.parametrize("status", [403, 404, 429, 503])
async def test_an_unsuccessful_status_counts_whatever_happens_to_the_body(
    transport: Transport, status: int, rest: bytes
) -> None:
    head = b"HTTP/1.1 %d X\r\nRetry-After: 5\r\n" % status
    async with raw_server(respond_with(head + rest)) as url:
        answer = await transport.send(get_request(url))
    assert (answer.status, answer.headers["Retry-After"], answer.body) == (status, "5", b"")


async def test_an_unsuccessful_status_without_its_body_counts_after_the_timeout(
    transport: Transport,
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok_response(b"ok"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nabc")
        await reader.read()  # until the client hangs up

    async with raw_server(serve) as url:
        await transport.send(get_request(url))  # so that no time goes by with connecting
        answer = await transport.send(get_request(url, timeout_s=1.0))
    assert (answer.status, answer.body) == (403, b"")


@pytest.mark.parametrize(
    "head", [b"204 No Content\r\n" + GZIP, b"204 No Content", b"304 Not Modified\r\n" + GZIP]
)
async def test_a_response_without_a_body_has_an_empty_one(
    transport: Transport, head: bytes
) -> None:
    async with raw_server(respond_with(b"HTTP/1.1 " + head + b"\r\n\r\n")) as url:
        answer = await transport.send(get_request(url))
    assert (answer.status, answer.body) == (int(head[:3]), b"")


@pytest.mark.parametrize(
    "said",
    [
        gzip.compress(b"x" * 6_000) * 2,
        gzip.compress(b"") * 50,
        gzip.compress(b"x") + gzip.compress(bytes(1_000_000)),
    ],
    ids=["two", "empty ones", "a bomb that comes second"],
)
async def test_all_gzip_members_count_towards_the_size_limit(
    transport: Transport, said: bytes
) -> None:
    async with raw_server(respond_with(ok_response(said, GZIP))) as url:
        with pytest.raises(ResponseTooLarge):
            await transport.send(get_request(url))


async def test_a_gzip_member_that_breaks_off_is_an_error(transport: Transport) -> None:
    said = gzip.compress(b"text") + gzip.compress(b"more")[:-3]
    async with raw_server(respond_with(ok_response(said, GZIP))) as url:
        with pytest.raises(IncompleteResponse):
            await transport.send(get_request(url))


async def endless(writer: asyncio.StreamWriter, begin: bytes, again: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + begin)
    try:
        while not writer.is_closing():
            writer.write(again * 1000)
            await writer.drain()
    finally:
        writer.transport.abort()  # what is not written yet is for nobody


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"1\r\nx\r\n0\r\nX: ", b"x"),
        (b"1\r\nx\r\n0\r\n", b"X: x\r\n"),
        (b"1;", b"x"),
        (b"", b"1\r\nx\r\n"),
        (b"", b"1;" + b"x" * 90 + b"\r\nx\r\n"),
    ],
    ids=[
        "one trailer",
        "many trailers",
        "a chunk's extension",
        "chunks of a byte",
        "chunks of a byte with extensions",
    ],
)
async def test_an_endless_response_is_limited_whatever_it_consists_of(
    transport: Transport, begin: bytes, again: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await endless(writer, begin, again)

    async with raw_server(serve) as url:
        with pytest.raises((ResponseTooLarge, IncompleteResponse)):
            await transport.send(get_request(url))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("\ufeffgr\u00fc\u00df".encode("utf-16-le"), b"application/json"),
        ("\ufeffgr\u00fc\u00df".encode("utf-16-be"), b"application/json; charset=utf-8"),
        ("gr\u00fc\u00df".encode("utf-16-be"), b"application/json"),
        ("gr\u00fc\u00df".encode("iso-8859-1"), b"text/plain; charset=ISO-8859-1"),
        ("\ufeffgr\u00fc\u00df".encode(), b"application/json"),
    ],
    ids=["UTF-16 LE", "UTF-16 BE", "no mark", "Latin-1", "UTF-8"],
)
async def test_a_body_is_converted_to_utf8(
    transport: Transport, body: bytes, content_type: bytes
) -> None:
    said = ok_response(gzip.compress(body), GZIP, b"Content-Type: " + content_type)
    async with raw_server(respond_with(said)) as url:
        assert (await transport.send(get_request(url))).body.decode() == "gr\u00fc\u00df"


async def test_a_header_that_is_not_text_does_not_fail_the_response(transport: Transport) -> None:
    async with raw_server(respond_with(ok_response(b"ok", b"X-Name: caf\xe9", b"X-Id: 7"))) as url:
        answer = await transport.send(get_request(url))
    assert (answer.body, answer.headers["X-Id"]) == (b"ok", "7")


async def test_a_silent_server_times_out(transport: Transport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok_response(b"ok"))
        await reader.read()  # until the client hangs up

    async with raw_server(serve) as url:
        await transport.send(get_request(url))  # so that no time goes by with connecting
        with pytest.raises(ResponseTimeout, match="within 0"):
            await transport.send(get_request(url, timeout_s=0.1))


async def test_the_timeout_covers_a_response_that_trickles(transport: Transport) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok_response(b"ok"))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with raw_server(serve) as url:
        await transport.send(get_request(url))  # so that no time goes by with connecting
        with pytest.raises(ResponseTimeout):
            await transport.send(get_request(url, timeout_s=0.15))


async def test_a_refused_connection_means_nothing_was_sent(transport: Transport) -> None:
    async with raw_server(respond_with()) as url:
        pass
    with pytest.raises(ConnectFailed, match="no connection"):
        await transport.send(get_request(url))


@pytest.mark.parametrize("value", [f"{SECRET}\nX: y", f"{SECRET}\x00"], ids=["newline", "nul"])
async def test_a_malformed_header_is_not_sent_and_not_shown(
    transport: Transport, value: str
) -> None:
    async with raw_server(respond_with(ok_response(b"ok"))) as url:
        with pytest.raises(ConnectFailed, match="malformed") as raised:
            await transport.send(get_request(url, Authorization=value))
    assert SECRET not in repr(raised.value) + repr(raised.value.__cause__)


@pytest.mark.parametrize("url", ["gopher://127.0.0.1/", "http://a:b/", ""])
async def test_a_malformed_address_is_not_sent(transport: Transport, url: str) -> None:
    with pytest.raises(ConnectFailed, match="malformed"):
        await transport.send(get_request(url))


async def test_a_cancelled_call_ends_at_once_and_leaves_the_transport_usable(
    transport: Transport,
) -> None:
    arrived = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/silent" not in head:
            writer.write(ok_response(b"ok"))
            return
        arrived.set()
        await reader.read()

    async with raw_server(serve) as url:
        task = asyncio.create_task(transport.send(get_request(f"{url}/silent")))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await transport.send(get_request(url))).body == b"ok"


async def test_any_httpx_transport_plugs_in() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, text=request.url.path)

    transport = HttpxTransport(httpx.MockTransport(respond))
    assert (await transport.send(get_request("https://example.test/v1"))).body == b"/v1"


async def test_timeouts_of_an_httpx_transport_differ_by_phase() -> None:
    async def stalling() -> AsyncIterator[bytes]:
        yield b"the beginning"
        raise httpx.ReadTimeout("")

    def respond(request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/connect":
                raise httpx.ConnectTimeout("")
            case "/head":
                raise httpx.ReadTimeout("")
        return httpx.Response(200, content=stalling())

    transport = HttpxTransport(httpx.MockTransport(respond))
    with pytest.raises(ConnectFailed, match="ConnectTimeout"):
        await transport.send(get_request("https://example.test/connect"))
    with pytest.raises(ResponseTimeout):
        await transport.send(get_request("https://example.test/head"))
    with pytest.raises(ResponseTimeout):
        await transport.send(get_request("https://example.test/body"))


def test_headers_are_case_insensitive_and_the_first_of_two_counts() -> None:
    headers = Headers((("A", "1"), ("a", "2"), ("B", "3")))
    assert (headers["a"], headers.get("b"), headers.get("c"), len(headers)) == ("1", "3", None, 2)


def test_a_request_and_its_response_do_not_print_secrets() -> None:
    request = OutgoingRequest("GET", "http://x", (("Authorization", SECRET),), b"secret-token", 1.0)
    assert SECRET not in repr(request)
    assert SECRET not in repr(
        UpstreamResponse(200, Headers((("Set-Cookie", SECRET),)), b"secret-token")
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("auto", AsyncioTransport), ("asyncio", AsyncioTransport), ("httpx", HttpxTransport)],
)
def test_the_transport_of_the_settings_is_created(kind: TransportKind, expected: type) -> None:
    assert type(create_transport(kind)) is expected
