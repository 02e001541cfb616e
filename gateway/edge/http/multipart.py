"""An answer in parts: multipart/mixed, one JSON part as soon as it is there.

Source: the working group's "Incremental Delivery over HTTP"; RFC 2046, section 5.1.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from starlette.types import Receive, Send

from gateway.asgi import Header
from gateway.edge.cancellation.disconnects import cancel_on_disconnect
from gateway.edge.http.http_response import STREAMED_HEADERS
from gateway.edge.response import GraphQLResponse

_HEADERS: Final = (
    (b"content-type", b'multipart/mixed; boundary="-"'),
    *STREAMED_HEADERS,
)
_PART: Final = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n%b\r\n---"
_BEGINNING: Final = b"---"
_END: Final = b"--\r\n"


@dataclass(frozen=True, slots=True)
class MultipartStream:
    """What is sent for one request, part by part, while its client is there."""

    first: GraphQLResponse
    later: AsyncGenerator[GraphQLResponse, None]
    receive: Receive
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "MultipartStream":
        """Return it with further headers."""
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send) -> None:
        """Send what is there, then what comes."""
        headers = [*_HEADERS, *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.later):
            await cancel_on_disconnect(self.receive, self._send_parts(send))

    async def _send_parts(self, send: Send) -> None:
        """Send each part with the boundary after it: a client knows at once that it is whole."""
        await _send_chunk(send, _BEGINNING + _encode_part(self.first))
        async for answer in self.later:
            await _send_chunk(send, _encode_part(answer))
        await send({"type": "http.response.body", "body": _END})


def _encode_part(answer: GraphQLResponse) -> bytes:
    return _PART % msgspec.json.encode(answer.to_dict())


async def _send_chunk(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
