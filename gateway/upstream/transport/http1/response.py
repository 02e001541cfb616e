"""A response as bytes, and the parser of one that arrives as a whole."""

import re
from typing import Final


class RawResponse:
    """A response as far as it has been read.

    Attributes:
        status: 0 until the head has been read.
        headers: name and value of each, unless there is a `head`.
        head: status line and headers, if they arrived as a whole.
        encoding: the first `Content-Encoding`, or empty.
        content_type: the first `Content-Type`, or empty.
        is_delimited: whether a length or chunks mark its end; else the connection does.
    """

    __slots__ = ("body", "content_type", "encoding", "head", "headers", "is_delimited", "status")

    def __init__(self, status: int = 0, head: bytes = b"", content_type: bytes = b"") -> None:
        self.status = status
        self.headers: list[tuple[bytes, bytes]] = []
        self.head = head
        self.encoding = b""
        self.content_type = content_type
        self.body: list[bytes | bytearray] = []
        self.is_delimited = False


# Narrower than the grammar: all other heads are left to the parser with callbacks.
_USUAL_HEAD: Final = re.compile(
    rb"HTTP/1\.1 200 [\t\x20-\x7e]*(?:\r\n[A-Za-z0-9-]+:[\t\x20-\x7e]*)+\r\n\r\n"
)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: ?([0-9]{1,15})\r")
_CONTENT_TYPE: Final = re.compile(rb"\r\ncontent-type:[\t ]*([^\r]*)")


def parse_whole_response(data: bytes) -> RawResponse | None:
    """Parse a usual response with status 200: complete, of a known length, not compressed.

    Returns None for every other response, and for bytes after its end.
    """
    usual = _USUAL_HEAD.match(data)
    if usual is None:
        return None
    end = usual.end()
    head = data[:end].lower()
    length = _LENGTH.search(head)
    if (
        length is None
        or int(length[1]) != len(data) - end
        or head.count(b"content-length:") != 1
        or head.count(b"connection:") != head.count(b"\r\nconnection: keep-alive\r")
        or b"-encoding:" in head
    ):
        return None
    content_type = _CONTENT_TYPE.search(head)
    response = RawResponse(200, data[:end], content_type[1].rstrip() if content_type else b"")
    response.body.append(data[end:])
    return response
