"""A response as bytes, and the parser of one that arrives as a whole."""

import re
from typing import Final

from gateway.upstream.transport.base import RawHeaders, UpstreamResponse


class RawResponse:
    """A response, as far as it has been read.

    Attributes:
        status: 0 until the head has been read.
        headers: pairs of name and value; empty if there is a `head`.
        head: the status line and headers, if they arrived in one piece.
        encoding: the first `Content-Encoding`, or empty.
        content_type: the first `Content-Type`, or empty.
        is_delimited: whether a length or chunks mark the end; otherwise the closed connection does.
    """

    __slots__ = ("body", "content_type", "encoding", "headers", "is_delimited", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.encoding = b""
        self.content_type = b""
        self.body: list[bytes | bytearray] = []
        self.is_delimited = False


# Headers that affect neither the framing nor the body, or are as usual.
_USUAL_HEADERS: Final = (
    rb"(?:\r\n(?:(?!content-|transfer-|connection:|proxy-)[a-z0-9-]+:[\t -~]*"
    rb"|content-type: ?application/json(?:; ?charset=utf-8)?|connection: keep-alive))*"
)
# The head in lower case, and the first two bytes of JSON in UTF-8. It is narrower than the
# grammar: whatever it does not match is left to the parser with callbacks.
_USUAL: Final = re.compile(
    rb"http/1\.1 200 [\t -~]*"
    + _USUAL_HEADERS
    + rb"\r\ncontent-length: ?([0-9]{1,15})"
    + _USUAL_HEADERS
    + rb"\r\n\r\n[{\[][^\0]"
)


def parse_whole_response(data: bytes) -> UpstreamResponse | None:
    """Parse a usual response: status 200, complete, of a known length, not compressed.

    Returns None for any other response, and if more bytes follow.
    """
    end = data.find(b"\r\n\r\n") + 4
    usual = _USUAL.fullmatch(data[: end + 2].lower())
    if usual is None or int(usual[1]) != len(data) - end:
        return None
    return UpstreamResponse(200, RawHeaders(data[:end]), data[end:])
