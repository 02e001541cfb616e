"""Answers as Server-Sent Events, and the stream that carries them.

Source: PROTOCOL.md of `graphql-sse`; the HTML standard, section "Server-sent events".
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from starlette.types import Receive, Send

from gateway.asgi import Header
from gateway.edge.answer import Answer
from gateway.edge.browsers.security_headers import DATA_HEADERS
from gateway.edge.lifetimes.disconnects import while_connected
from gateway.edge.lifetimes.draining import Draining

COMPLETE: Final = b"event: complete\ndata:\n\n"  # without data, EventSource would not tell of it
_ALIVE: Final = b":\n\n"
_COME_BACK: Final = b"retry: 1000\n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # proxies are to hand events on as they come
    *DATA_HEADERS,
)


@dataclass(frozen=True, slots=True)
class StreamRules:
    """How streams are kept.

    Attributes:
        keep_alive_s: after so many seconds a stream shows that it lives.
        sleep: waits; in real time, whatever clock the rest goes by.
        draining: ends them when the gateway ends.
    """

    keep_alive_s: float
    sleep: Callable[[float], Awaitable[None]]
    draining: Draining


@dataclass(frozen=True, slots=True)
class EventStream:
    """What is sent for one request, event by event, while its client is there.

    A client that is slow to read slows down what is sent: `events` is asked for the next one when
    the last has left.
    """

    events: AsyncGenerator[bytes, None]
    receive: Receive
    rules: StreamRules
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "EventStream":
        """Return it with further headers."""
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send) -> None:
        """Send what comes, until its end or the gateway's: then the client is to come back."""
        headers = [*_HEADERS, *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.events):
            is_over = await while_connected(self.receive, self._sent(send))
        body = b"" if is_over else _COME_BACK
        await send({"type": "http.response.body", "body": body})

    async def _sent(self, send: Send) -> bool:
        """Send all events; whether that was done before the gateway's end."""
        return await ends_first(
            self._send_events(send), self.rules.draining.begun(), self._show_life(send)
        )

    async def _send_events(self, send: Send) -> None:
        await _send_some(send, _ALIVE)  # so that the headers leave before there is an event
        async for event in self.events:
            await _send_some(send, event)

    async def _show_life(self, send: Send) -> None:
        while True:
            await self.rules.sleep(self.rules.keep_alive_s)
            await _send_some(send, _ALIVE)


async def ends_first(*work: Coroutine[Any, Any, None]) -> bool:
    """Wait for the first of several to end, and stop the others; whether it was the first one."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        is_first = tasks[0].done()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if is_first:
        tasks[0].result()
    return is_first


async def _send_some(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def events_of(
    answers: AsyncGenerator[Answer, None], last_event_id: str
) -> AsyncGenerator[bytes, None]:
    """Print the answers of one request.

    An event is named by what it says, so a client that comes back, to whatever process, is told
    only what it does not know: of something that is followed, the latest state is all there is.
    """
    async with aclosing(answers):
        async for answer in answers:
            data = msgspec.json.encode(answer.content())
            event_id = hashlib.blake2b(data, digest_size=12).hexdigest()
            if event_id != last_event_id:
                yield b"event: next\nid: %b\ndata: %b\n\n" % (event_id.encode(), data)
            last_event_id = event_id
    yield COMPLETE


async def only(answer: Answer) -> AsyncGenerator[Answer, None]:
    """Yield one answer."""
    yield answer
