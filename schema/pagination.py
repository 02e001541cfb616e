"""Pages and cursors: the same shape on every connection."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from schema.errors import InvalidInput, LimitExceeded
from schema.quoting import quote

T = TypeVar("T")

_CHECKSUM_BYTES = 6


def encode_cursor(connection: Sequence[str], position: object) -> str:
    """Pack a position (JSON values) of a connection, with a checksum over both.

    The connection is its name and every argument that shapes its order. The checksum tells
    altered cursors and those of other connections apart from ours; it is no secret.
    """
    payload = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(connection, payload) + payload).decode().rstrip("=")


def decode_cursor(cursor: str, connection: Sequence[str]) -> object:
    """Unpack a position. Raises InvalidInput unless this connection issued the cursor."""
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as cause:
        raise _invalid_cursor(cursor) from cause
    checksum, payload = packed[:_CHECKSUM_BYTES], packed[_CHECKSUM_BYTES:]
    if checksum != _checksum(connection, payload):
        raise _invalid_cursor(cursor)
    try:
        position: object = json.loads(payload)
    except (ValueError, RecursionError) as cause:
        raise _invalid_cursor(cursor) from cause
    return position


def _checksum(connection: Sequence[str], payload: bytes) -> bytes:
    named = json.dumps(list(connection)).encode() + b"\0" + payload
    return hashlib.blake2b(named, digest_size=_CHECKSUM_BYTES).digest()


def _invalid_cursor(cursor: str) -> InvalidInput:
    return InvalidInput(
        "after is a cursor that this connection handed out for the same arguments "
        f"(pageInfo.endCursor), not {quote(cursor)}. Start again without it."
    )


def validate_first(first: int, max_page_size: int) -> int:
    """Return `first`. Raises InvalidInput below 1, LimitExceeded beyond the largest page."""
    if first < 1:
        raise InvalidInput(f"first is a number from 1 up, not {first}.")
    if first > max_page_size:
        message = f"first is a number from 1 to {max_page_size}, not {first}: ask for more pages."
        raise LimitExceeded.for_rule("page_size", message, max_page_size)
    return first


@strawberry.type(description="Where a page stands in its connection.")
class PageInfo:
    """The Relay page description, forwards only: no list upstream can be read backwards."""

    has_next_page: bool = strawberry.field(description="Whether more follows `endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether the page has an `after`.")
    start_cursor: str | None = strawberry.field(
        default=None, description="Cursor of the first node; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        default=None, description="Pass as `after` for the next page; null on an empty page."
    )


@strawberry.type(description="A node and its place.")
class Edge(Generic[T]):
    """One node with the cursor that continues after it."""

    cursor: str = strawberry.field(description="Pass as `after` to continue behind this node.")
    node: T = strawberry.field(description="The node.")


@strawberry.type(description="A page of a list that grows.")
class Connection(Generic[T]):
    """One page, its nodes in the upstream's order."""

    nodes: list[T] = strawberry.field(description="The nodes of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
    cursor_at: strawberry.Private[Callable[[int], str]]

    @strawberry.field(description="The nodes of this page with their cursors.")
    def edges(self) -> list[Edge[T]]:
        """Pair each node with its cursor."""
        return [
            Edge(cursor=self.cursor_at(index), node=node) for index, node in enumerate(self.nodes)
        ]


def build_page_info(
    count: int, cursor_at: Callable[[int], str], *, has_next: bool, has_previous: bool
) -> PageInfo:
    """Describe a page of `count` nodes."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=cursor_at(0) if count else None,
        end_cursor=cursor_at(count - 1) if count else None,
    )
