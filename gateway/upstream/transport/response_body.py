"""From the bytes of a response to its body: decompressed, and in UTF-8.

All transports use it, so that reads, writes, errors and records see the same body.
"""

import codecs
import re
import zlib
from collections.abc import AsyncIterable
from email.message import Message
from functools import lru_cache
from typing import Final

from gateway.upstream.transport.base import (
    IncompleteResponse,
    ResponseTooLarge,
    TransportError,
    is_unsuccessful,
)

# What framing may add to a body. Each part counts as a chunk, with its size and line ends.
_MAX_FRAMING_BYTES: Final = 64 * 1024
_CHUNK_FRAMING_BYTES: Final = 5
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_GZIP_MAGIC: Final = b"\x1f\x8b"
# A gzip member counts as at least this: empty members take time and add nothing.
_MIN_MEMBER_BYTES: Final = 1024
_FIRST_WINDOW: Final = 512
_LAST_WINDOW: Final = 65_536

# UTF-32 before UTF-16: in little endian their first two bytes are the same.
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# JSON and plain text begin with ASCII, so the zero bytes show the encoding (RFC 4627, 3).
_ZERO_PATTERNS: Final[dict[tuple[bool, ...], str]] = {
    (True, True, True, False): "utf-32-be",
    (False, True, True, True): "utf-32-le",
    (True, False, True, False): "utf-16-be",
    (False, True, False, True): "utf-16-le",
}
_MARKED_OR_ZERO: Final = frozenset(b"\xef\xff\xfe\x00")
# The other codecs of Python are not charsets, or slow.
_CHARSETS: Final = re.compile(
    r"utf-(?:16|32)(?:-[bl]e)?|iso8859-\d+|cp125\d|gb2312|gbk|gb18030|big5|shift_jis|euc_\w+"
)
_LITTLE_ENDIAN: Final = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}


async def read_parts(parts: AsyncIterable[bytes], max_bytes: int) -> bytes:
    """Join the parts of a body. Raises `ResponseTooLarge` for too many bytes or parts."""
    body, received_bytes = bytearray(), 0
    async for part in parts:
        body += part
        received_bytes += len(part) + _CHUNK_FRAMING_BYTES
        if len(body) > max_bytes or received_bytes > max_bytes + _MAX_FRAMING_BYTES:
            raise ResponseTooLarge(f"more than {max_bytes} bytes")
    return bytes(body)


def decode_body(
    status: int, raw: bytes, *, encoding: str, content_type: str, max_bytes: int
) -> bytes:
    """Return the body in UTF-8 without a byte order mark.

    Args:
        status: the status; unless it is 2xx, a body that cannot be decoded counts as empty.
        raw: the received bytes, without framing.
        encoding: the value of `Content-Encoding`, or empty.
        content_type: the value of `Content-Type`, or empty.
        max_bytes: the limit after decompression.

    Raises:
        TransportError: the status is 2xx, and the body cannot be decompressed or is too large.
    """
    if encoding:
        try:
            raw = _decompress(raw, encoding, max_bytes)
        except TransportError:
            if not is_unsuccessful(status):
                raise
            return b""
    return to_utf8(raw, content_type)


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Convert a body to UTF-8 from the encoding that its first bytes or the charset indicate.

    A body that cannot be decoded is returned unchanged.
    """
    charset = _charset(content_type)
    is_marked = body[:1] and (body[0] in _MARKED_OR_ZERO or body[1:2] == b"\0")
    if charset is None and not is_marked:
        return body
    for mark, marked in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _recode(body[len(mark) :], marked)
    unmarked = _ZERO_PATTERNS.get(tuple(byte == 0 for byte in (2 * body[:4])[:4]))
    if unmarked is not None:
        return _recode(body, unmarked)
    # Many servers declare a charset and send UTF-8. Other text is hardly ever valid UTF-8.
    return body if charset is None or _is_utf8(body) else _recode(body, charset)


def _recode(body: bytes, charset: str) -> bytes:
    if charset == "utf-8":
        return body
    try:
        return body.decode(charset, "surrogatepass").encode(errors="replace")
    except UnicodeDecodeError:
        return body


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=64)  # content types are few
def _charset(content_type: str) -> str | None:
    """Return the codec of a declared charset that is known and not UTF-8."""
    if "charset" not in content_type.lower():
        return None
    message = Message()
    message["Content-Type"] = content_type
    try:
        name = codecs.lookup(str(message.get_param("charset"))).name
    except (LookupError, ValueError):
        return None
    return _LITTLE_ENDIAN.get(name, name) if _CHARSETS.fullmatch(name) else None


def _decompress(body: bytes, encoding: str, max_bytes: int) -> bytes:
    codings = [coding.strip().lower() for coding in encoding.split(",")]
    codings = [coding for coding in codings if coding not in {"", "identity"}]
    if not body or not codings:
        return body
    if codings not in (["gzip"], ["x-gzip"]):
        raise IncompleteResponse("it has a Content-Encoding that was not requested")
    try:
        return _gunzip(body, max_bytes)
    except zlib.error as error:
        raise IncompleteResponse(f"it cannot be decompressed: {error}") from error


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    """Decompress every member of a gzip stream (RFC 1952, 2.2)."""
    first = zlib.decompressobj(_GZIP_WINDOW)
    members = [first.decompress(body, max_bytes + 1)]
    _check_member(first, len(members[0]), max_bytes)
    at, left_bytes = len(body) - len(first.unused_data), max_bytes - len(members[0])
    while body.startswith(_GZIP_MAGIC, at):  # anything else is padding
        member, at = _gunzip_member(body, at, left_bytes)
        members.append(member)
        left_bytes -= max(len(member), _MIN_MEMBER_BYTES)
    return members[0] if len(members) == 1 else b"".join(members)


def _gunzip_member(body: bytes, at: int, max_bytes: int) -> tuple[bytes, int]:
    """Decompress the member at an offset. Returns its content and the offset of its end.

    zlib copies everything that is fed beyond the end, which is not known: the windows start small.
    """
    member = zlib.decompressobj(_GZIP_WINDOW)
    unpacked, window = bytearray(), _FIRST_WINDOW
    while at < len(body) and not member.eof and len(unpacked) <= max_bytes:
        fed = body[at : at + window]
        unpacked += member.decompress(fed, max(0, max_bytes) + 1 - len(unpacked))
        at += len(fed) - len(member.unused_data)
        window = min(2 * window, _LAST_WINDOW)
    _check_member(member, len(unpacked), max_bytes)
    return bytes(unpacked), at


def _check_member(member: "zlib._Decompress", unpacked_bytes: int, max_bytes: int) -> None:
    if unpacked_bytes > max_bytes:
        raise ResponseTooLarge("it has too many bytes after decompression")
    if not member.eof:
        raise IncompleteResponse("its compressed body broke off")
