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
from gateway.edge.cancellation.credential_monitor import (
    REVOKED,
    CredentialMonitor,
    RevocationWaiter,
)
from gateway.edge.cancellation.disconnects import cancel_on_disconnect
from gateway.edge.cancellation.draining import Draining
from gateway.edge.cancellation.race import race
from gateway.edge.http.http_response import STREAMED_HEADERS
from gateway.edge.response import GraphQLResponse, error_response

COMPLETE: Final = b"event: complete\ndata:\n\n"  # without data, EventSource would not tell of it
_ALIVE: Final = b":\n\n"
_COME_BACK: Final = b"retry: 1000\n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    *STREAMED_HEADERS,
)


@dataclass(frozen=True, slots=True)
class StreamConfig:
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
    credential_monitor: CredentialMonitor


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
    config: StreamConfig
    is_endless: bool = True
    wait_revoked: RevocationWaiter | None = None
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "EventStream":
        """Return it with further headers."""
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send) -> None:
        """Send what comes, and in the end why it ends."""
        headers = [*_HEADERS, *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.events):
            last = await cancel_on_disconnect(self.receive, self._send_until_end(send))
        await send({"type": "http.response.body", "body": last})

    async def _send_until_end(self, send: Send) -> bytes:
        """Send events until the last of them, or until something else ends; the last words."""
        ends = [self._send_events(send), self._send_keep_alives(send)]
        if self.is_endless:
            ends.append(self._wait_drained())
        if self.wait_revoked is not None:
            ends.append(self._send_revoked(self.wait_revoked))
        return await race(*ends)

    async def _send_events(self, send: Send) -> bytes:
        await _send_chunk(send, _ALIVE)  # so that the headers leave before there is an event
        async for event in self.events:
            await _send_chunk(send, event)
        return b""

    async def _send_keep_alives(self, send: Send) -> bytes:
        while True:
            await self.config.sleep(self.config.keep_alive_s)
            await _send_chunk(send, _ALIVE)

    async def _wait_drained(self) -> bytes:
        await self.config.draining.wait_begun()
        return _COME_BACK

    async def _send_revoked(self, wait_revoked: RevocationWaiter) -> bytes:
        await wait_revoked()
        told = error_response(Unauthenticated(REVOKED)).to_dict()
        return b"event: next\ndata: %b\n\n%b" % (msgspec.json.encode(told), COMPLETE)


async def _send_chunk(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def encode_events(
    answers: AsyncGenerator[GraphQLResponse, None], last_event_id: str
) -> AsyncGenerator[bytes, None]:
    """Print the answers of one request.

    An event is named by what it says, so a client that comes back, to whatever process, is told
    only what it does not know: of something that is followed, the latest state is all there is.
    """
    async with aclosing(answers):
        async for answer in answers:
            data = msgspec.json.encode(answer.to_dict())
            event_id = hashlib.blake2b(data, digest_size=12).hexdigest()
            if event_id != last_event_id:
                yield b"event: next\nid: %b\ndata: %b\n\n" % (event_id.encode(), data)
            last_event_id = event_id
    yield COMPLETE


async def single(answer: GraphQLResponse) -> AsyncGenerator[GraphQLResponse, None]:
    """Yield one answer."""
    yield answer
