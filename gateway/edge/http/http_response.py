"""An answer's HTTP: status, headers and bytes."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.types import Send

from gateway.asgi import FastResponder, Header
from gateway.edge.browsers.security_headers import DATA_HEADERS
from gateway.edge.http.content_negotiation import MediaType

_HEADS: Final[Mapping[MediaType, tuple[Header, ...]]] = {
    each: ((b"content-type", f"{each.value}; charset=utf-8".encode()), *DATA_HEADERS)
    for each in (MediaType.JSON, MediaType.RESPONSE, MediaType.TEXT)
}
STREAMED_HEADERS: Final[Sequence[Header]] = (
    # A proxy that compresses or buffers holds back what is there already.
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    *DATA_HEADERS,
)
_FIELDS: Final[Mapping[MediaType, bytes]] = {
    each: b"".join([b"%b: %b\r\n" % pair for pair in head]) for each, head in _HEADS.items()
}


class HttpResponse(msgspec.Struct, frozen=True):
    """What is sent for one request, all at once."""

    status: int
    media_type: MediaType
    body: bytes
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "HttpResponse":
        """Return it with further headers."""
        return msgspec.structs.replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send, direct: FastResponder | None = None) -> None:
        """Send it; one without headers of its own directly, where that is possible."""
        fields = None if self.headers else _FIELDS[self.media_type]
        if direct and fields and direct.respond(self.status, fields, self.body):
            return
        length = (b"content-length", b"%d" % len(self.body))
        headers = [*_HEADS[self.media_type], length, *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class EmptyResponse(msgspec.Struct, frozen=True):
    """A status and headers alone."""

    status: int
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "EmptyResponse":
        """Return it with further headers."""
        return msgspec.structs.replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send) -> None:
        """Send it."""
        start = {"type": "http.response.start", "status": self.status}
        await send({**start, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": b""})
