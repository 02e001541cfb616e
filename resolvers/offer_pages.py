"""Pages of offers, by Partner Center's offset paging. Source: CONTRACT 7.3."""

from typing import Final

from resolvers.ports.directory import OffersKey
from resolvers.request_loaders import RequestLoaders
from schema.errors import InvalidInput
from schema.keys import Market
from schema.offer import OfferConnection
from schema.pagination import build_page_info, decode_cursor, encode_cursor

_MAX_OFFSET: Final = 1_000_000  # far more than any catalog has


async def offer_connection(
    loaders: RequestLoaders,
    market: Market,
    category_id: str | None,
    first: int,
    after: str | None,
) -> OfferConnection:
    """Return a page of up to `first` offers after the cursor `after`, with one call."""
    connection = ["offers", *market.normalized, (category_id or "").casefold()]
    offset = 0 if after is None else _parse_offset(decode_cursor(after, connection))
    page = await loaders.offers.load(OffersKey(market, category_id, offset, first))
    nodes = list(page.offers[:first])

    def cursor_at(index: int) -> str:
        return encode_cursor(connection, offset + index + 1)

    # An empty page has no cursor to continue from, even if its links name a next page.
    has_next = bool(nodes) and (page.has_next or len(page.offers) > first)
    info = build_page_info(len(nodes), cursor_at, has_next=has_next, has_previous=offset > 0)
    return OfferConnection(nodes=nodes, page_info=info, cursor_at=cursor_at)


def _parse_offset(position: object) -> int:
    if not isinstance(position, int) or not 0 <= position <= _MAX_OFFSET:
        raise InvalidInput("after must be a cursor of a page of offers. Start again without it.")
    return position
