"""Pages and cursors, the same for every connection."""

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
    """Encode a position (JSON values) in a list, with a checksum of the position and the list.

    `connection` identifies the list: its name and every argument that affects the order. The
    checksum detects cursors that were altered or belong to another list; it is no signature.
    """
    payload = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(connection, payload) + payload).decode().rstrip("=")


def decode_cursor(cursor: str, connection: Sequence[str]) -> object:
    """Return the position in a cursor. Raises InvalidInput unless it belongs to this list."""
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
        "after must be a cursor that this connection returned for the same arguments, such as "
        f"pageInfo.endCursor, not {quote(cursor)}. Start again without it."
    )


def validate_first(first: int, max_page_size: int) -> int:
    """Return `first`. Raises InvalidInput below 1, and LimitExceeded above the largest page."""
    if first < 1:
        raise InvalidInput(f"first must be at least 1, not {first}.")
    if first > max_page_size:
        message = f"first must be 1 to {max_page_size}, not {first}. Request more pages instead."
        raise LimitExceeded.for_rule("page_size", message, max_page_size)
    return first


@strawberry.type(description="The position of a page in its connection.")
class PageInfo:
    """Relay's PageInfo. Pages are read forward only, because Partner Center's lists are."""

    has_next_page: bool = strawberry.field(description="Whether there are nodes after `endCursor`.")
    has_previous_page: bool = strawberry.field(
        description="Whether the page was read with `after`."
    )
    start_cursor: str | None = strawberry.field(
        default=None, description="The cursor of the first node. Null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        default=None,
        description=(
            "The cursor to pass as `after` for the next page. Usually null on an empty page."
        ),
    )


@strawberry.type(description="A node with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(
        description="The cursor to pass as `after` to continue after this node."
    )
    node: T = strawberry.field(description="The node.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """One page of a list, in the order of its source."""

    nodes: list[T] = strawberry.field(description="The nodes of this page.")
    page_info: PageInfo = strawberry.field(description="The position of this page.")
    cursor_at: strawberry.Private[Callable[[int], str]]

    @strawberry.field(description="The nodes of this page with their cursors.")
    def edges(self) -> list[Edge[T]]:
        return [
            Edge(cursor=self.cursor_at(index), node=node) for index, node in enumerate(self.nodes)
        ]


def build_page_info(
    count: int, cursor_at: Callable[[int], str], *, has_next: bool, has_previous: bool
) -> PageInfo:
    """Build the PageInfo of a page with `count` nodes."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=cursor_at(0) if count else None,
        end_cursor=cursor_at(count - 1) if count else None,
    )
