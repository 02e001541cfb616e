"""The way past ASGI's messages: the same bytes, the same end when a client leaves or is idle."""

import asyncio
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.asgi import FastResponder, get_fast_responder
from gateway.edge.http.content_negotiation import MediaType
from gateway.edge.http.http_response import HttpResponse
from gateway.server.fast_path import FastPathHTTP
from tests.support.raw_http import send_parts
from tests.support.server import serving

ASKED = {
    "keeping": b"GET /keeping HTTP/1.1\r\nHost: a\r\n\r\nGET /last HTTP/1.0\r\nHost: a\r\n\r\n",
    "closing": b"GET /closing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "older": b"GET /older HTTP/1.0\r\nHost: a\r\n\r\n",
    "head": b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "head-kept": b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /last HTTP/1.0\r\nHost: a\r\n\r\n",
    "body-unread": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /last HTTP/1.0\r\n\r\n"
    ),
    "continued": (
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody"
        b"GET /last HTTP/1.0\r\n\r\n"
    ),
    "many": b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n" * 20 + b"GET /last HTTP/1.0\r\n\r\n",
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the path, directly where that is possible."""
    if scope["type"] == "http":
        reply = HttpResponse(200, MediaType.JSON, scope["path"].encode() * 100)
        await reply.send(send, get_fast_responder(scope))
    else:
        await lifespan(receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


def undated(response: bytes) -> list[bytes]:
    """The lines of an answer, those of each head in order of their names."""
    lines = re.sub(rb"date: [^\r]+", b"date:", response).split(b"\r\n")
    return sorted(lines)


@pytest.mark.parametrize("parts", ASKED.values(), ids=ASKED)
async def test_responses_equal_those_of_asgi_messages(parts: bytes) -> None:
    async with (
        serving(app, http=FastPathHTTP) as direct,
        serving(app, http=HttpToolsProtocol) as plain,
    ):
        found = [(await send_parts(url, parts))[0] for url in (direct, plain)]
    assert undated(found[0]) == undated(found[1])


async def test_a_client_that_does_not_read_is_not_written_to_directly() -> None:
    """Otherwise the buffered output would be unbounded."""
    possible: list[bool] = []
    body = b"x" * 65_536

    async def flooding(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        direct = get_fast_responder(scope)
        assert direct is not None
        possible.append(direct.respond(200, b"", body))
        if not possible[-1]:
            full.set()
            await HttpResponse(200, MediaType.JSON, body).send(send)

    full = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with serving(flooding, http=FastPathHTTP) as url:
        with socket.socket() as client:
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", urlsplit(url).port))
            asking = asyncio.create_task(loop.sock_sendall(client, ASKED["many"] * 1000))
            await full.wait()
            asking.cancel()
            await asyncio.wait([asking])
    assert possible[0] is True


class Watching:
    """An app that notes when the client of a request has left."""

    def __init__(self, *, until_gone: bool) -> None:
        self.has_begun, self.has_left = asyncio.Event(), asyncio.Event()
        self._until_gone = until_gone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        self.has_begun.set()
        if self._until_gone:
            while await kind(receive) != "http.disconnect":
                pass
        watched(get_fast_responder(scope))(self.has_left.set)
        await self.has_left.wait()


async def kind(receive: Receive) -> str:
    message: Message = await receive()
    return str(message["type"])


def watched(direct: FastResponder | None) -> Callable[[Callable[[], None]], None]:
    assert direct is not None
    return direct.on_disconnect


@pytest.mark.parametrize("until_gone", [False, True], ids=["leaves-later", "has-left-before"])
async def test_a_disconnect_calls_back(until_gone: bool) -> None:
    app = Watching(until_gone=until_gone)
    async with serving(app, http=FastPathHTTP) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await app.has_begun.wait()
        writer.close()
        await app.has_left.wait()


async def test_a_cleared_callback_is_not_called() -> None:
    calls: list[str] = []
    ended = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        direct = get_fast_responder(scope)
        assert direct is not None
        direct.on_disconnect(lambda: calls.append("left"))
        direct.clear_on_disconnect()
        while await kind(receive) != "http.disconnect":
            pass
        ended.set()

    async with serving(app, http=FastPathHTTP) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        writer.close()
        await ended.wait()
    assert calls == []


class IdleConnection(asyncio.Transport):
    """The server's side of a connection, whose clock the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__({"socket": None})
        self.now_s, self.is_closed = 0.0, False
        self.timers: list[tuple[float, Callable[[], None]]] = []
        monkeypatch.setattr("gateway.server.fast_path.time.monotonic", lambda: self.now_s)
        config = uvicorn.Config(app, http=FastPathHTTP, lifespan="off", timeout_keep_alive=5)
        config.load()
        self.protocol = FastPathHTTP(config, uvicorn.server.ServerState(), {}, _loop=self)  # type: ignore[arg-type]
        self.protocol.connection_made(self)

    def write(self, data: Any) -> None: ...

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def create_task(self, work: Any) -> "asyncio.Task[Any]":
        return asyncio.get_running_loop().create_task(work)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> object:
        self.timers.append((self.now_s + delay_s, action))
        return object()

    async def request(self) -> None:
        self.protocol.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.gather(*self.protocol.tasks)

    def run_timer(self) -> None:
        """Let the only timer run when it is due."""
        ((self.now_s, action),) = self.timers
        self.timers.clear()
        action()


async def test_a_connection_has_one_timer_and_is_closed_when_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = IdleConnection(monkeypatch)
    for connection.now_s in (0.0, 1.0, 3.0):
        await connection.request()
    connection.run_timer()
    assert (connection.now_s, connection.is_closed) == (5.0, False)
    connection.run_timer()
    assert (connection.now_s, connection.is_closed) == (8.0, True)


async def test_a_connection_is_not_idle_while_a_request_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = IdleConnection(monkeypatch)
    await connection.request()
    connection.now_s = 4.0
    connection.protocol.data_received(b"GET / HTTP/1.1\r\n")
    connection.run_timer()
    assert (connection.is_closed, connection.timers) == (False, [])
    connection.protocol.data_received(b"Host: a\r\n\r\n")
    await asyncio.gather(*connection.protocol.tasks)
    connection.run_timer()
    assert (connection.now_s, connection.is_closed) == (10.0, True)
