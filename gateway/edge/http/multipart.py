"""Incremental responses as multipart/mixed: one JSON part for each piece of the result.

Source: the working group's "Incremental Delivery over HTTP"; RFC 2046, section 5.1.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from starlette.types import Receive, Send

from gateway.asgi import FastResponder, Header
from gateway.edge.cancellation.disconnects import cancel_on_disconnect
from gateway.edge.http.http_response import STREAM_HEADERS, send_chunk
from gateway.edge.response import GraphQLResponse

_HEADERS: Final = (
    (b"content-type", b'multipart/mixed; boundary="-"'),
    *STREAM_HEADERS,
)
_PART: Final = b"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n%b\r\n---"
_FIRST_BOUNDARY: Final = b"---"
_END: Final = b"--\r\n"


@dataclass(frozen=True, slots=True)
class MultipartStream:
    """A multipart response, whose parts are sent one by one while the client is connected."""

    first: GraphQLResponse
    later: AsyncGenerator[GraphQLResponse, None]
    receive: Receive
    headers: Sequence[Header] = ()

    def with_headers(self, headers: Sequence[Header]) -> "MultipartStream":
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send, fast_responder: FastResponder | None = None) -> None:
        headers = [*_HEADERS, *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async with aclosing(self.later):
            await cancel_on_disconnect(self.receive, self._send_parts(send))

    async def _send_parts(self, send: Send) -> None:
        # Each part ends with its boundary, so that the client knows at once that it is complete.
        await send_chunk(send, _FIRST_BOUNDARY + _encode_part(self.first))
        async for response in self.later:
            await send_chunk(send, _encode_part(response))
        await send({"type": "http.response.body", "body": _END})


def _encode_part(response: GraphQLResponse) -> bytes:
    return _PART % msgspec.json.encode(response.to_dict())
