"""Pages of customers, cut out of the vendor's seek-paged list. Source: CONTRACT 7.2.

The vendor continues only behind whole pages. A cursor therefore names a page and a number of
its customers to skip, so that a client may continue behind any of them.
"""

from dataclasses import dataclass
from typing import Any, Final

from resolvers.loaders import RequestLoaders
from resolvers.ports.directory import Continuation, CustomersKey, CustomersPage
from schema.customer import CustomerConnection
from schema.pagination import decode_cursor, encode_cursor, page_info
from schema.problems import BadInput

_LARGEST_PAGE: Final = 500  # CONTRACT 12, G17


@dataclass(frozen=True, slots=True)
class Place:
    """Behind `skip` customers of the list, or of the page that a continuation leads to."""

    skip: int = 0
    continuation: Continuation | None = None


async def customer_connection(
    loaders: RequestLoaders, first: int, after: str | None, starts_with: str | None
) -> CustomerConnection:
    """Answer with up to `first` customers behind a cursor; one call."""
    connection = ["customers", (starts_with or "").casefold()]
    place = Place() if after is None else _place(decode_cursor(after, connection))
    key = CustomersKey(place.skip + first, starts_with, place.continuation)
    page = await loaders.customers.load(key)
    nodes = list(page.customers[place.skip : place.skip + first])

    def cursor_at(index: int) -> str:
        return encode_cursor(connection, _position(behind(page, place, index)))

    rest = len(page.customers) - place.skip - len(nodes)
    info = page_info(
        len(nodes),
        cursor_at,
        has_next=rest > 0 or page.continuation is not None,
        has_previous=after is not None,
    )
    if not nodes and page.continuation is not None:
        info.end_cursor = encode_cursor(connection, _position(Place(0, page.continuation)))
    return CustomerConnection(nodes=nodes, page_info=info, cursor_at=cursor_at)


def behind(page: CustomersPage, place: Place, index: int) -> Place:
    """Return the place behind one node: in the same page, or at the start of the next one."""
    skip = place.skip + index + 1
    if skip >= len(page.customers) and page.continuation is not None:
        return Place(0, page.continuation)
    return Place(skip, place.continuation)


def _position(place: Place) -> list[Any]:
    continuation = place.continuation
    link = None if continuation is None else [continuation.uri, continuation.headers]
    return [place.skip, link]


def _place(position: Any) -> Place:
    match position:
        case [int(skip), None] if 0 <= skip <= _LARGEST_PAGE:
            return Place(skip)
        case [int(skip), [str(uri), [*pairs]]] if 0 <= skip <= _LARGEST_PAGE:
            return Place(skip, Continuation(uri, tuple(map(_pair, pairs))))
    raise _not_a_place()


def _pair(pair: Any) -> tuple[str, str]:
    match pair:
        case [str(name), str(value)]:
            return name, value
    raise _not_a_place()


def _not_a_place() -> BadInput:
    return BadInput("after is a cursor of a page of customers. Start again without it.")
