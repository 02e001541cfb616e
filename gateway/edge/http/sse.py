"""Responses as Server-Sent Events.

Source: PROTOCOL.md of `graphql-sse`; the HTML standard, section "Server-sent events".
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from starlette.types import Receive, Send

from gateway.asgi import FastResponder, Header
from gateway.auth.errors import Unauthenticated
from gateway.edge.cancellation.credential_monitor import (
    REVOKED,
    CredentialMonitor,
    RevocationWaiter,
)
from gateway.edge.cancellation.disconnects import cancel_on_disconnect
from gateway.edge.cancellation.draining import Draining
from gateway.edge.cancellation.tasks import race
from gateway.edge.http.http_response import STREAM_HEADERS, send_chunk
from gateway.edge.response import GraphQLResponse, error_response

COMPLETE: Final = b"event: complete\ndata:\n\n"  # EventSource ignores events without data
_KEEP_ALIVE: Final = b":\n\n"
_RECONNECT: Final = b"retry: 1000\n\n"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    *STREAM_HEADERS,
)


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """How event streams are kept open and ended.

    Attributes:
        keep_alive_s: the interval of keep-alive comments.
        sleep: waits in real time, whatever clock the rest of the app uses.
        draining: ends endless streams.
        credential_monitor: ends streams whose credential is revoked.
    """

    keep_alive_s: float
    sleep: Callable[[float], Awaitable[None]]
    draining: Draining
    credential_monitor: CredentialMonitor


@dataclass(frozen=True, slots=True)
class EventStream:
    """A response whose events are sent while the client is connected.

    A slow client slows down its source: the next event is requested after the last was sent.

    Attributes:
        is_endless: whether draining has to end the stream, which would not end by itself.
        wait_revoked: returns when the stream has to end because its credential was revoked.
    """

    events: AsyncGenerator[bytes, None]
    receive: Receive
    config: StreamConfig
    is_endless: bool = True
    wait_revoked: RevocationWaiter | None = None
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "EventStream":
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send, fast_responder: FastResponder | None = None) -> None:
        headers = [*_HEADERS, *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.events):
            last = await cancel_on_disconnect(self.receive, self._send_until_end(send))
        await send({"type": "http.response.body", "body": last})

    async def _send_until_end(self, send: Send) -> bytes:
        """Send events until the stream ends; return the last bytes to send."""
        ends = [self._send_events(send), self._send_keep_alives(send)]
        if self.is_endless:
            ends.append(self._wait_drained())
        if self.wait_revoked is not None:
            ends.append(self._wait_revoked(self.wait_revoked))
        return await race(*ends)

    async def _send_events(self, send: Send) -> bytes:
        await send_chunk(send, _KEEP_ALIVE)  # makes the server send the headers now
        async for event in self.events:
            await send_chunk(send, event)
        return b""

    async def _send_keep_alives(self, send: Send) -> bytes:
        while True:
            await self.config.sleep(self.config.keep_alive_s)
            await send_chunk(send, _KEEP_ALIVE)

    async def _wait_drained(self) -> bytes:
        await self.config.draining.wait_begun()
        return _RECONNECT

    async def _wait_revoked(self, wait_revoked: RevocationWaiter) -> bytes:
        await wait_revoked()
        response = error_response(Unauthenticated(REVOKED)).to_dict()
        return b"event: next\ndata: %b\n\n%b" % (msgspec.json.encode(response), COMPLETE)


async def encode_events(
    responses: AsyncGenerator[GraphQLResponse, None], last_event_id: str
) -> AsyncGenerator[bytes, None]:
    """Encode responses as `next` events, then `complete`.

    An event's id is the hash of its content. A client that reconnects, to any process, therefore
    gets the current state only if it differs from the last one it received.
    """
    async with aclosing(responses):
        async for response in responses:
            data = msgspec.json.encode(response.to_dict())
            event_id = hashlib.blake2b(data, digest_size=12).hexdigest()
            if event_id != last_event_id:
                yield b"event: next\nid: %b\ndata: %b\n\n" % (event_id.encode(), data)
            last_event_id = event_id
    yield COMPLETE


async def single(response: GraphQLResponse) -> AsyncGenerator[GraphQLResponse, None]:
    yield response
