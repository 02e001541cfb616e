"""Where a request ends, over real connections, however its bytes arrive."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest

from gateway.server.draining import DrainingHTTP
from gateway.server.uvicorn_runner import ServerLimits, build_draining_config
from tests.support.raw_http import parse_status, send_parts
from tests.support.server import serving
from tests.support.sockets import connect

Parts = Callable[[bytes], list[bytes]]

ARRIVALS: Final[dict[str, Parts]] = {
    "in one segment": lambda sent: [sent],
    "head and body apart": lambda sent: [part for part in _split(sent) if part],
    "byte by byte": lambda sent: [sent[i : i + 1] for i in range(len(sent))],
}
LAST: Final = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
# The body of a request, and a request itself to whoever ends the one before it too early.
BODY: Final = b"GET /inner HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED: Final = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)

# As curl 7.88 sends `--http2 -d`, and Java 17's HttpClient any first request.
CURL: Final = (
    b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:34309\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\ncontent-type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)
JAVA: Final = (
    b"POST /graphql HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: %d\r\n"
    b"Host: 127.0.0.1:34309\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\n"
    b"Upgrade: h2c\r\nUser-Agent: Java-http-client/17.0.15\r\ncontent-type: application/json\r\n"
    b"\r\n%b" % (len(BODY), BODY)
)
HANDSHAKE: Final = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def _split(sent: bytes) -> tuple[bytes, bytes]:
    head, end, rest = sent.partition(b"\r\n\r\n")
    return head + end, rest


def request(
    fields: bytes, body: bytes = b"", *, method: bytes = b"POST", version: bytes = b"1.1"
) -> bytes:
    return b"%b /graphql HTTP/%b\r\nHost: a\r\n%b\r\n%b" % (method, version, fields, body)


def length(body: bytes = BODY) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


class App:
    """Answers with the fields that it was sent, and remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self.fields: list[bytes] = []

    def drain(self) -> None: ...

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for stage in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{stage}.complete"})
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
        elif (body := await self._body(receive)) is not None:
            self.requests.append((f"{scope['method']} {scope['path']}", body))
            self.fields = [name for name, _ in scope["headers"]]
            headers = [(b"content-length", b"2")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"ok"})

    async def _body(self, receive: Any) -> bytes | None:
        body: bytes = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                return body
        return None


@contextlib.asynccontextmanager
async def served(app: App) -> AsyncIterator[str]:
    config = build_draining_config(app, ServerLimits(1, 100_000, 60))
    async with serving(app, config=config) as url:
        yield url


@pytest.fixture(params=list(ARRIVALS.values()), ids=list(ARRIVALS))
def parts(request: pytest.FixtureRequest) -> Parts:
    arrival: Parts = request.param
    return arrival


UPGRADES = {
    "curl --http2": CURL,
    "Java's HttpClient": JAVA,
    "chunked": request(
        b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n", CHUNKED
    ),
    "two Connection fields": request(
        b"Connection: Upgrade\r\nConnection: keep-alive\r\nUpgrade: h2c\r\n" + length(), BODY
    ),
    "two protocols": request(
        b"Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n" + length(), BODY
    ),
    "TLS": request(b"connection: UPGRADE\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n" + length(), BODY),
    "a WebSocket by POST": request(HANDSHAKE + length(), BODY),
    "a WebSocket with a body": request(HANDSHAKE + length(), BODY, method=b"GET"),
    "a WebSocket with a chunked body": request(
        HANDSHAKE + b"Transfer-Encoding: chunked\r\n", CHUNKED, method=b"GET"
    ),
}


@pytest.mark.parametrize("upgrade", UPGRADES.values(), ids=UPGRADES)
async def test_an_upgrade_that_is_not_supported_is_ignored(upgrade: bytes, parts: Parts) -> None:
    app = App()
    async with served(app) as url:
        received, _ = await send_parts(url, *parts(upgrade + upgrade + LAST))
    assert [body for _, body in app.requests] == [BODY, BODY, b""]
    assert received.count(b"HTTP/1.1 200 OK") == 3


async def test_a_request_behind_an_upgrade_without_a_body_is_a_request(parts: Parts) -> None:
    app = App()
    upgrade = request(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", method=b"GET")
    async with served(app) as url:
        await send_parts(url, *parts(upgrade + LAST))
    assert app.requests == [("GET /graphql", b""), ("GET /last", b"")]
    # nothing is said to the app of an upgrade that does not happen
    assert b"upgrade" not in app.fields


async def test_the_body_of_an_ignored_upgrade_gets_100_continue() -> None:
    app = App()
    async with served(app) as url:
        head, body = _split(JAVA.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n", 1))
        received, _ = await send_parts(url, head, body + LAST)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")
    assert [body for _, body in app.requests] == [BODY, b""]


async def test_many_ignored_upgrades_in_one_segment_all_get_responses() -> None:
    app = App()
    upgrade = request(b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + length(b"x"), b"x")
    async with served(app) as url:
        await send_parts(url, upgrade * 1500 + LAST)
    assert len(app.requests) == 1501


REFUSED = {
    "CONNECT": b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n" + BODY,
    "CONNECT with a length": b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n%b\r\n%b" % (length(), BODY),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + BODY,
    "HTTP/2.0": request(b"", method=b"GET", version=b"2.0") + BODY,
    "HTTP/0.9": request(b"", method=b"GET", version=b"0.9") + BODY,
    "a coding and a length": request(b"Transfer-Encoding: chunked\r\n" + length(), CHUNKED),
    "a length and a coding": request(length() + b"Transfer-Encoding: chunked\r\n", CHUNKED),
    "two lengths": request(length() + length(b""), BODY),
    "one length twice": request(length() + length(), BODY),
    "a list of lengths": request(b"Content-Length: 3, 3\r\n", b"abc"),
    "a length with a sign": request(b"Content-Length: +3\r\n", b"abc"),
    "a negative length": request(b"Content-Length: -3\r\n", b"abc"),
    "a length with a blank": request(b"Content-Length: 3 3\r\n", b"abc"),
    "a hexadecimal length": request(b"Content-Length: 0x3\r\n", b"abc"),
    "a length with _": request(b"Content-Length: 3_0\r\n", BODY),
    "no length": request(b"Content-Length: \r\n", BODY),
    "a length beyond 64 bits": request(b"Content-Length: 18446744073709551619\r\n", b"abc"),
    "a folded length": request(b"Content-Length:\r\n 3\r\n", b"abc"),
    "obs-fold": request(b"X-A: a\r\n b\r\n"),
    "obs-fold by a tab": request(b"X-A: a\r\n\tb\r\n"),
    "a folded first field": b"GET /graphql HTTP/1.1\r\n Host: a\r\n\r\n",
    "a bare LF": request(b"X-A: a\nX-B: b\r\n"),
    "bare LFs alone": b"GET /graphql HTTP/1.1\nHost: a\n\n" + BODY,
    "a bare LF at the end": b"GET /graphql HTTP/1.1\r\nHost: a\r\n\n" + BODY,
    "a bare CR": request(b"X-A: a\rX-B: b\r\n"),
    "a bare CR before the end": request(b"X-A: a\r\r\n"),
    "NUL in a value": request(b"X-A: a\0b\r\n"),
    "NUL in a name": request(b"X\0A: a\r\n"),
    "NUL in the target": b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    "a blank before the colon": request(b"Content-Length : 3\r\n", b"abc"),
    "a tab before the colon": request(b"Transfer-Encoding\t: chunked\r\n", CHUNKED),
    "a blank before a name": request(b" Content-Length: 3\r\n", b"abc"),
    "no colon": request(b"X-A\r\n"),
    "no name": request(b": a\r\n"),
    "xchunked": request(b"Transfer-Encoding: xchunked\r\n", CHUNKED),
    "chunked twice": request(b"Transfer-Encoding: chunked\r\n" * 2, CHUNKED),
    "chunked, chunked": request(b"Transfer-Encoding: chunked, chunked\r\n", CHUNKED),
    "chunked, identity": request(b"Transfer-Encoding: chunked, identity\r\n", CHUNKED),
    "identity, then chunked": request(
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", CHUNKED
    ),
    "identity": request(b"Transfer-Encoding: identity\r\n" + length(), BODY),
    "gzip, chunked": request(b"Transfer-Encoding: gzip, chunked\r\n", CHUNKED),
    "an empty element": request(b"Transfer-Encoding: , chunked\r\n", CHUNKED),
    "no coding": request(b"Transfer-Encoding: \r\n", CHUNKED),
    "quoted": request(b'Transfer-Encoding: "chunked"\r\n', CHUNKED),
    "a coding with a parameter": request(b"Transfer-Encoding: chunked;a=b\r\n", CHUNKED),
    "a coding after a vertical tab": request(b"Transfer-Encoding: \x0bchunked\r\n", CHUNKED),
    "chunked in HTTP/1.0": request(b"Transfer-Encoding: chunked\r\n", CHUNKED, version=b"1.0"),
    "chunked in HTTP/1.0, kept alive": request(
        b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", CHUNKED, version=b"1.0"
    ),
    "an ignored upgrade that is framed twice": request(
        b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n" + length(), CHUNKED
    ),
    "an ignored upgrade with another coding": request(
        b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: identity\r\n", CHUNKED
    ),
    "a tab in the request line": b"GET\t/graphql HTTP/1.1\r\nHost: a\r\n\r\n" + BODY,
    "a blank in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + BODY,
    "a blank after the version": b"GET /a HTTP/1.1 \r\nHost: a\r\n\r\n" + BODY,
    "a blank before the method": b" GET /a HTTP/1.1\r\nHost: a\r\n\r\n" + BODY,
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
async def test_ambiguous_framing_is_rejected(refused: bytes, parts: Parts) -> None:
    app = App()
    async with served(app) as url:
        received, _ = await send_parts(url, *parts(refused + LAST))
    assert app.requests == []
    assert received.count(b"HTTP/1.1") - received.count(b" HTTP/1.1") == 1
    assert parse_status(received) == 400


CHUNKS = {
    "a size with a blank": b"5 \r\nhello\r\n0\r\n\r\n",
    "a size with a sign": b"+5\r\nhello\r\n0\r\n\r\n",
    "a size with a prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "no size": b"\r\nhello\r\n0\r\n\r\n",
    "bare LFs": b"5\nhello\n0\n\n",
    "a bare CR": b"5\rhello\r\n0\r\n\r\n",
    "more than its size": b"5\r\nhello!!0\r\n\r\n",
    "less than its size": b"6\r\nhello\r\n0\r\n\r\n",
    "an extension that ends in LF": b"5;a\nhello\r\n0\r\n\r\n",
    "a quoted extension over two lines": b'5;a="\r\n"\r\nhello\r\n0\r\n\r\n',
    "a trailer with a length": b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n",
    "a trailer with a coding": b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a trailer with a bare LF": b"5\r\nhello\r\n0\r\nX-A: b\n\r\n",
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
async def test_chunks_that_can_be_read_in_two_ways_are_refused(chunks: bytes, parts: Parts) -> None:
    app = App()
    async with served(app) as url:
        sent = request(b"Transfer-Encoding: chunked\r\n", chunks)
        received, _ = await send_parts(url, *parts(sent + LAST))
    assert app.requests == []
    assert parse_status(received) == 400


@pytest.mark.parametrize(
    "fields",
    [b"Transfer-Encoding: Chunked \r\n", b"transfer-encoding:\tchunked\r\n"],
    ids=["capitals and a blank", "a tab"],
)
async def test_a_chunked_body_is_read(fields: bytes, parts: Parts) -> None:
    app = App()
    async with served(app) as url:
        await send_parts(url, *parts(request(fields, CHUNKED) + LAST))
    assert [body for _, body in app.requests] == [BODY, b""]


async def test_trailers_are_no_headers(parts: Parts) -> None:
    app = App()
    trailer = b"0\r\nAuthorization: Bearer x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    sent = request(b"Transfer-Encoding: chunked\r\nConnection: close\r\n", b"2\r\nhi\r\n" + trailer)
    async with served(app) as url:
        await send_parts(url, *parts(sent))
    assert app.requests == [("POST /graphql", b"hi")]
    assert app.fields == [b"host", b"transfer-encoding", b"connection"]


OVERHEADS = {
    "an extension": b"5;" + b"a" * 1_000_000 + b"\r\nhello\r\n0\r\n\r\n",
    "a size": b"0" * 1_000_000 + b"5\r\nhello\r\n0\r\n\r\n",
    "a trailer": b"5\r\nhello\r\n0\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "many trailers": b"5\r\nhello\r\n0\r\n" + b"X-A: a\r\n" * 100_000 + b"\r\n",
    "many extensions": (b"1;" + b"a" * 100 + b"\r\nx\r\n") * 10_000 + b"0\r\n\r\n",
}


@pytest.mark.parametrize("overhead", OVERHEADS.values(), ids=OVERHEADS)
async def test_the_overhead_of_chunks_is_limited(overhead: bytes) -> None:
    app = App()
    async with served(app) as url:
        sent = request(b"Transfer-Encoding: chunked\r\n")
        received, _ = await send_parts(url, sent, overhead + LAST)
    assert app.requests == []
    assert received == b"" or parse_status(received) == 413  # the rest unread: the client is reset


async def test_a_long_body_may_come_in_small_chunks() -> None:
    app = App()
    async with served(app) as url:
        sent = request(b"Transfer-Encoding: chunked\r\n")
        await send_parts(url, sent, b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n" + LAST)
    assert [len(body) for _, body in app.requests] == [100_000, 0]


async def test_requests_before_a_refused_one_get_responses(parts: Parts) -> None:
    app = App()
    async with served(app) as url:
        received, _ = await send_parts(url, *parts(BODY + b"NONSENSE\r\n\r\n" + LAST))
    assert app.requests == [("GET /inner", b"")]
    assert parse_status(received) == 200


async def test_a_websocket_behind_a_request_in_one_segment_does_not_begin() -> None:
    app = App()
    async with served(app) as url:
        received, _ = await send_parts(url, BODY + request(HANDSHAKE, method=b"GET"))
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert b"101 Switching" not in received


async def test_a_websocket_whose_head_cannot_be_read_is_refused() -> None:
    app = App()
    async with served(app) as url:
        fields = HANDSHAKE + b"X-A: a\r\n" * 200
        received, _ = await send_parts(url, request(fields, method=b"GET"))
    assert parse_status(received) == 400


async def test_a_websocket_begins() -> None:
    app = App()
    async with served(app) as url, connect(url.replace("http", "ws", 1)) as socket:
        await socket.wait_closed()
        assert socket.close_code == 1000


def test_the_gateway_is_served_so() -> None:
    assert build_draining_config(App(), ServerLimits(1, 1, 1)).http is DrainingHTTP
