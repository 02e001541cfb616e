"""Pages of customers, cut out of the vendor's seek-paged list. Source: CONTRACT 7.2.

The vendor continues only behind whole pages. A cursor therefore names a page and a number of
its customers to skip, so that a client may continue behind any of them.
"""

from dataclasses import dataclass
from typing import Any

from resolvers.loaders import RequestLoaders
from resolvers.ports import Continuation, CustomersKey, CustomersPage
from schema.customer import CustomerConnection
from schema.pagination import decode_cursor, encode_cursor, page_info
from schema.problems import BadInput


@dataclass(frozen=True, slots=True)
class Place:
    """Behind `skip` customers of one of the vendor's pages."""

    size: int
    skip: int = 0
    continuation: Continuation | None = None


async def customer_connection(
    loaders: RequestLoaders, first: int, after: str | None, starts_with: str | None
) -> CustomerConnection:
    """Answer with up to `first` customers behind a cursor; one call."""
    connection = ["customers", (starts_with or "").casefold()]
    place = Place(first) if after is None else _place(decode_cursor(after, connection))
    key = CustomersKey(place.size, starts_with, place.continuation)
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
    return CustomerConnection(nodes=nodes, page_info=info, cursor_at=cursor_at)


def behind(page: CustomersPage, place: Place, index: int) -> Place:
    """Return the place behind one node: in the same page, or at the start of the next one."""
    skip = place.skip + index + 1
    if skip >= len(page.customers) and page.continuation is not None:
        return Place(place.size, 0, page.continuation)
    return Place(place.size, skip, place.continuation)


def _position(place: Place) -> list[Any]:
    continuation = place.continuation
    link = None if continuation is None else [continuation.uri, continuation.headers]
    return [place.size, place.skip, link]


def _place(position: Any) -> Place:
    match position:
        case [int(size), int(skip), None]:
            return Place(size, skip)
        case [int(size), int(skip), [str(uri), [*pairs]]]:
            return Place(size, skip, Continuation(uri, tuple(map(_pair, pairs))))
    raise _not_a_place()


def _pair(pair: Any) -> tuple[str, str]:
    match pair:
        case [str(name), str(value)]:
            return name, value
    raise _not_a_place()


def _not_a_place() -> BadInput:
    return BadInput("after is a cursor of a page of customers. Start again without it.")
