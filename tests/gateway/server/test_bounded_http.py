"""Limits for incomplete requests."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import uvicorn

from gateway.server.bounded_http import HEAD_TIMEOUT_S, MAX_HEAD_BYTES, BoundedHTTP

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
FLOOD = b"X-Flood: " + b"x" * 1000 + b"\r\n"


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the length of the body."""
    length = 0
    while (message := await receive())["type"] == "http.request":
        length += len(message["body"])
        if not message["more_body"]:
            break
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Connection(asyncio.Transport):
    """The server's side of a connection. Its timers are recorded, never run."""

    def __init__(self) -> None:
        super().__init__({"socket": None})
        self.written = b""
        self.is_closed = False
        self.timers: list[tuple[float, Callable[[], None]]] = []
        config = uvicorn.Config(echo, http=BoundedHTTP, lifespan="off", log_config=None)
        config.load()
        self.protocol = BoundedHTTP(config, uvicorn.server.ServerState(), {}, _loop=self)  # type: ignore[arg-type]
        self.protocol.connection_made(self)

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def create_task(self, work: Any) -> "asyncio.Task[Any]":
        return asyncio.get_running_loop().create_task(work)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> "Connection.Timer":
        timer = (delay_s, action)
        self.timers.append(timer)
        return self.Timer(self.timers, timer)

    class Timer:
        def __init__(self, timers: list[Any], timer: Any) -> None:
            self._timers, self._timer = timers, timer

        def cancel(self) -> None:
            self._timers.remove(self._timer)

    async def receive(self, data: bytes) -> None:
        """Receive bytes, and let the app respond to complete requests."""
        self.protocol.data_received(data)
        await asyncio.gather(*self.protocol.tasks)

    def head_timers(self) -> list[Callable[[], None]]:
        return [action for delay_s, action in self.timers if delay_s == HEAD_TIMEOUT_S]


async def test_a_connection_on_which_nothing_comes_is_closed() -> None:
    connection = Connection()
    (close,) = connection.head_timers()
    close()
    assert connection.is_closed


async def test_a_whole_head_is_waited_for_no_longer() -> None:
    connection = Connection()
    await connection.receive(GET + b"\r\n")
    assert connection.written.endswith(b"\r\n\r\n0")
    assert connection.head_timers() == []


@pytest.mark.parametrize("part", [b"GET / HT", b"\r\n"], ids=["half a head", "an empty line"])
async def test_a_head_that_does_not_end_is_waited_for_once(part: bytes) -> None:
    connection = Connection()
    await connection.receive(GET + b"\r\n")
    await connection.receive(part)
    (close,) = connection.head_timers()
    await connection.receive(b"\r\n" if part == b"\r\n" else b"TP/1.1\r\n")
    assert connection.head_timers() == [close]
    assert not connection.is_closed


async def test_a_head_beyond_the_bound_is_refused() -> None:
    connection = Connection()
    await connection.receive(GET)
    for _ in range(MAX_HEAD_BYTES // len(FLOOD) + 1):
        assert not connection.is_closed
        await connection.receive(FLOOD)
    assert connection.is_closed
    assert connection.written.startswith(b"HTTP/1.1 431 ")
    assert connection.written.endswith(b"Send fewer or shorter headers.")


@pytest.mark.parametrize(
    "parts",
    [[GET + FLOOD * 100 + b"\r\n"], [b"\r\n\r\n", GET + FLOOD * 100 + b"\r\n"]],
    ids=["at once", "after empty lines"],
)
async def test_a_whole_head_beyond_the_bound_is_refused(parts: list[bytes]) -> None:
    connection = Connection()
    for part in parts:
        await connection.receive(part)
    assert connection.is_closed
    assert connection.written.startswith(b"HTTP/1.1 431 ")


async def test_a_head_whose_end_comes_apart_may_have_a_long_body_behind_it() -> None:
    connection = Connection()
    length = 2 * MAX_HEAD_BYTES
    await connection.receive(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r" % length)
    await connection.receive(b"\n" + b"x" * length)
    assert connection.written.endswith(b"\r\n\r\n%d" % length)


async def test_bodies_do_not_count_as_heads() -> None:
    connection = Connection()
    length = 3 * MAX_HEAD_BYTES
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length
    for _ in range(2):
        connection.protocol.data_received(post)
        for _ in range(3):
            connection.protocol.data_received(b"x" * MAX_HEAD_BYTES)
        await asyncio.gather(*connection.protocol.tasks)
    assert connection.written.count(b"\r\n\r\n%d" % length) == 2
    assert not connection.is_closed


async def test_a_connection_that_is_lost_leaves_no_timer() -> None:
    connection = Connection()
    connection.protocol.connection_lost(None)
    assert connection.head_timers() == []


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(echo, http=BoundedHTTP, lifespan="off", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    listener = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedHTTP(config, state, {}), sock=listener)
    async with server:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        yield reader, writer
        writer.close()


async def test_a_flood_of_headers_is_refused_over_a_real_connection() -> None:
    async with served() as (reader, writer):
        writer.write(GET + FLOOD * 100)
        assert (await reader.read()).startswith(b"HTTP/1.1 431 ")
