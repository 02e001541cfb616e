"""HTTP responses that are sent at once, and the chunks of those that are streamed."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.types import Send

from gateway.asgi import FastResponder, Header
from gateway.edge.browsers.security_headers import DATA_HEADERS
from gateway.edge.http.content_negotiation import MediaType

_HEADERS: Final[Mapping[MediaType, tuple[Header, ...]]] = {
    each: ((b"content-type", f"{each.value}; charset=utf-8".encode()), *DATA_HEADERS)
    for each in (MediaType.JSON, MediaType.RESPONSE, MediaType.TEXT)
}
_SERIALIZED_HEADERS: Final[Mapping[MediaType, bytes]] = {
    each: b"".join([b"%b: %b\r\n" % pair for pair in headers]) for each, headers in _HEADERS.items()
}
STREAM_HEADERS: Final[Sequence[Header]] = (
    # Keep proxies from compressing or buffering, which would delay parts.
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    *DATA_HEADERS,
)


class HttpResponse(msgspec.Struct, frozen=True):
    """A response with a body.

    Attributes:
        headers: extra headers, besides media type and length.
    """

    status: int
    media_type: MediaType
    body: bytes
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "HttpResponse":
        return msgspec.structs.replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send, fast_responder: FastResponder | None = None) -> None:
        """Send the response, by the fast responder if possible.

        That requires a responder, and no extra headers.
        """
        fields = None if self.headers else _SERIALIZED_HEADERS[self.media_type]
        if fast_responder and fields and fast_responder.respond(self.status, fields, self.body):
            return
        length = (b"content-length", b"%d" % len(self.body))
        headers = [*_HEADERS[self.media_type], length, *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class EmptyResponse(msgspec.Struct, frozen=True):
    """A response without a body."""

    status: int
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "EmptyResponse":
        return msgspec.structs.replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send, fast_responder: FastResponder | None = None) -> None:
        start = {"type": "http.response.start", "status": self.status}
        await send({**start, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": b""})


async def send_chunk(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
