"""Answers as Server-Sent Events, and the stream that carries them.

Source: PROTOCOL.md of `graphql-sse`; the HTML standard, section "Server-sent events".
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from starlette.types import Receive, Send

from gateway.asgi import Header
from gateway.auth.errors import Unauthenticated
from gateway.edge.answer import Answer, refusal_of
from gateway.edge.http.reply import STREAMED_HEADERS
from gateway.edge.lifetimes.disconnects import while_connected
from gateway.edge.lifetimes.draining import Draining
from gateway.edge.lifetimes.first import first_of
from gateway.edge.lifetimes.recognition import LOST, Lost, Recognition

COMPLETE: Final = b"event: complete\ndata:\n\n"  # without data, EventSource would not tell of it
_ALIVE: Final = b":\n\n"
_COME_BACK: Final = b"retry: 1000\n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    *STREAMED_HEADERS,
)


@dataclass(frozen=True, slots=True)
class StreamRules:
    """How streams are kept.

    Attributes:
        keep_alive_s: after so many seconds a stream shows that it lives.
        sleep: waits; in real time, whatever clock the rest goes by.
        draining: ends the endless ones when the gateway ends.
        recognition: tells when they have lost their caller.
    """

    keep_alive_s: float
    sleep: Callable[[float], Awaitable[None]]
    draining: Draining
    recognition: Recognition


@dataclass(frozen=True, slots=True)
class EventStream:
    """What is sent for one request, event by event, while its client is there.

    A client that is slow to read slows down what is sent: `events` is asked for the next one when
    the last has left.

    Attributes:
        is_endless: whether the gateway's end has to end it; what ends by itself is waited for.
        lost: waits until who asked is not known any more, which ends it; None where that does not.
    """

    events: AsyncGenerator[bytes, None]
    receive: Receive
    rules: StreamRules
    is_endless: bool = True
    lost: Lost | None = None
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "EventStream":
        """Return it with further headers."""
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send) -> None:
        """Send what comes, and in the end why it ends."""
        headers = [*_HEADERS, *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.events):
            last = await while_connected(self.receive, self._sent(send))
        await send({"type": "http.response.body", "body": last})

    async def _sent(self, send: Send) -> bytes:
        """Send events until the last of them, or until something else ends; the last words."""
        ends = [self._send_events(send), self._show_life(send)]
        if self.is_endless:
            ends.append(self._drained())
        if self.lost is not None:
            ends.append(self._told_when(self.lost))
        return await first_of(*ends)

    async def _send_events(self, send: Send) -> bytes:
        await _send_some(send, _ALIVE)  # so that the headers leave before there is an event
        async for event in self.events:
            await _send_some(send, event)
        return b""

    async def _show_life(self, send: Send) -> bytes:
        while True:
            await self.rules.sleep(self.rules.keep_alive_s)
            await _send_some(send, _ALIVE)

    async def _drained(self) -> bytes:
        await self.rules.draining.begun()
        return _COME_BACK

    async def _told_when(self, lost: Lost) -> bytes:
        await lost()
        told = refusal_of(Unauthenticated(LOST)).content()
        return b"event: next\ndata: %b\n\n%b" % (msgspec.json.encode(told), COMPLETE)


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
