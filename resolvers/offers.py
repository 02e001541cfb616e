"""Pages of offers, by the vendor's offset paging. Source: CONTRACT 7.3."""

from typing import Final

from resolvers.loaders import RequestLoaders
from resolvers.ports.directory import OffersKey
from schema.keys import Market
from schema.offer import OfferConnection
from schema.pagination import decode_cursor, encode_cursor, page_info
from schema.problems import BadInput

_LARGEST_OFFSET: Final = 1_000_000  # no catalog is nearly as long


async def offer_connection(
    loaders: RequestLoaders,
    market: Market,
    category_id: str | None,
    first: int,
    after: str | None,
) -> OfferConnection:
    """Answer with up to `first` offers behind a cursor; one call."""
    connection = ["offers", *market.folded, (category_id or "").casefold()]
    offset = 0 if after is None else _offset(decode_cursor(after, connection))
    page = await loaders.offers.load(OffersKey(market, category_id, offset, first))
    nodes = list(page.offers[:first])

    def cursor_at(index: int) -> str:
        return encode_cursor(connection, offset + index + 1)

    # An empty page has no cursor to go on from, whatever its links say.
    has_next = bool(nodes) and (page.has_next or len(page.offers) > first)
    info = page_info(len(nodes), cursor_at, has_next=has_next, has_previous=offset > 0)
    return OfferConnection(nodes=nodes, page_info=info, cursor_at=cursor_at)


def _offset(position: object) -> int:
    if not isinstance(position, int) or not 0 <= position <= _LARGEST_OFFSET:
        raise BadInput("after is a cursor of a page of offers. Start again without it.")
    return position
