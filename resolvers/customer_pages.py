"""Pages of customers, from Partner Center's list. Source: CONTRACT 7.2.

Partner Center continues only after whole pages. A cursor therefore consists of a page and the
number of its customers to skip, so that a client can continue after any customer.
"""

from dataclasses import dataclass
from typing import Any, Final

from resolvers.ports.directory import Continuation, CustomersKey, CustomersPage
from resolvers.request_loaders import RequestLoaders
from schema.customer import CustomerConnection
from schema.errors import InvalidInput
from schema.pagination import build_page_info, decode_cursor, encode_cursor

_MAX_PAGE_SIZE: Final = 500  # CONTRACT 12, G17


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """A position in the list of customers: after `skip` customers of one of its pages.

    The page is the first one, or that of the continuation.
    """

    skip: int = 0
    continuation: Continuation | None = None


async def customer_connection(
    loaders: RequestLoaders, first: int, after: str | None, starts_with: str | None
) -> CustomerConnection:
    """Return a page of up to `first` customers after the cursor `after`, with one call."""
    connection = ["customers", (starts_with or "").casefold()]
    place = CursorPosition() if after is None else _parse_position(decode_cursor(after, connection))
    key = CustomersKey(place.skip + first, starts_with, place.continuation)
    page = await loaders.customers.load(key)
    nodes = list(page.customers[place.skip : place.skip + first])

    def cursor_at(index: int) -> str:
        return encode_cursor(connection, _encode_position(position_after(page, place, index)))

    rest = len(page.customers) - place.skip - len(nodes)
    info = build_page_info(
        len(nodes),
        cursor_at,
        has_next=rest > 0 or page.continuation is not None,
        has_previous=after is not None,
    )
    if not nodes and page.continuation is not None:
        info.end_cursor = encode_cursor(
            connection, _encode_position(CursorPosition(0, page.continuation))
        )
    return CustomerConnection(nodes=nodes, page_info=info, cursor_at=cursor_at)


def position_after(page: CustomersPage, place: CursorPosition, index: int) -> CursorPosition:
    """Return the position after a customer: on the same page, or at the start of the next one."""
    skip = place.skip + index + 1
    if skip >= len(page.customers) and page.continuation is not None:
        return CursorPosition(0, page.continuation)
    return CursorPosition(skip, place.continuation)


def _encode_position(place: CursorPosition) -> list[Any]:
    continuation = place.continuation
    link = None if continuation is None else [continuation.uri, continuation.headers]
    return [place.skip, link]


def _parse_position(position: Any) -> CursorPosition:
    match position:
        case [int(skip), None] if 0 <= skip <= _MAX_PAGE_SIZE:
            return CursorPosition(skip)
        case [int(skip), [str(uri), [*pairs]]] if 0 <= skip <= _MAX_PAGE_SIZE:
            return CursorPosition(skip, Continuation(uri, tuple(map(_parse_pair, pairs))))
    raise _invalid_cursor()


def _parse_pair(pair: Any) -> tuple[str, str]:
    match pair:
        case [str(name), str(value)]:
            return name, value
    raise _invalid_cursor()


def _invalid_cursor() -> InvalidInput:
    return InvalidInput("after must be a cursor of a page of customers. Start again without it.")
