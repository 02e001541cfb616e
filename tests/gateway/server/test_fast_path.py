"""The way past ASGI's messages: the same bytes, and the same end when a client leaves."""

import asyncio
import re
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
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
