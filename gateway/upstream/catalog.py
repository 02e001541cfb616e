"""Reads of the legacy catalog: by page, by id, from the cache. Source: CONTRACT 4.12 to 4.15."""

import asyncio
from collections.abc import Callable, Hashable, MutableMapping, Sequence
from typing import Any, Final, TypeVar, cast

from gateway.upstream import endpoints
from gateway.upstream.call import Call
from gateway.upstream.client import Client
from gateway.upstream.endpoints import Endpoint
from gateway.upstream.errors import BadInput, NotFound
from gateway.upstream.mapping import offer as mapping
from gateway.upstream.reading import Reader
from gateway.upstream.scope import RequestScope
from gateway.upstream.wire.offer import Offer as WireOffer
from gateway.upstream.wire.offer import OfferCategory as WireOfferCategory
from gateway.upstream.wire.resource import Collection
from resolvers.ports import OffersKey, OffersPage
from schema.keys import Market, OfferKey
from schema.offer import Offer, OfferCategory

T = TypeVar("T")

CatalogCache = MutableMapping[Hashable, Any]
"""What the catalog answered, bounded in number and age, by caller and question.

Nothing else is kept beyond a request: eligibility and subscriptions change with every purchase.
"""

# From how many offers on one page of the catalog is read in place of each of them: four calls
# are few and small, a page holds most of a market and fills the cache for the rest.
PAGE_FROM_OFFERS: Final = 5
PAGE_SIZE: Final = 500

# What a market answers for an offer it does not sell (CONTRACT 4.13).
_NOT_SOLD: Final = frozenset({"800004", "800070", "2100"})

_OFFER: Final = Reader(WireOffer)
_OFFERS: Final = Reader(Collection[WireOffer])
_CATEGORIES: Final = Reader(Collection[WireOfferCategory])


class Catalog:
    """The catalog as one request may see it."""

    def __init__(self, client: Client, scope: RequestScope, cache: CatalogCache) -> None:
        self._client = client
        self._scope = scope
        self._cache = cache

    async def page(self, key: OffersKey) -> OffersPage:
        """Read one page, whose offers are then known by id as well."""
        category = (key.category_id or "").lower()
        name = ("page", key.market.folded, category, key.offset, key.size)
        page = await self._read(name, _page_call(key), lambda body: _page(body, key))
        for offer in page.offers:
            self._cache[self._cache_key(_offer_name(OfferKey(offer.id, key.market)))] = offer
        return page

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        """Answer n ids with n offers or refusals, in order, in the fewest calls."""
        unknown = [i for i in offer_ids if self._cached(_offer_name(OfferKey(i, market))) is None]
        paged: dict[str, Offer] = {}
        if len(unknown) >= PAGE_FROM_OFFERS:
            page = await self.page(OffersKey(market, None, 0, PAGE_SIZE))
            paged = {offer.id.lower(): offer for offer in page.offers}

        async def answer(offer_id: str) -> Offer:
            return paged.get(offer_id.lower()) or await self._offer(OfferKey(offer_id, market))

        return await asyncio.gather(*map(answer, offer_ids), return_exceptions=True)

    async def add_ons(self, key: OfferKey) -> Sequence[Offer]:
        """Read the add-ons of an offer."""
        call = _call(endpoints.LIST_OFFER_ADD_ONS, key.market, key.offer_id)
        name = ("add-ons", key.folded)
        return await self._read(name, call, lambda body: _offers(_OFFERS(body), key.market))

    async def categories(self, market: Market) -> Sequence[OfferCategory]:
        """Read the shelves."""
        call = _call(endpoints.LIST_OFFER_CATEGORIES, market)
        return await self._read(("categories", market.folded), call, _categories)

    async def _offer(self, key: OfferKey) -> Offer:
        try:
            return await self._read(
                _offer_name(key),
                _call(endpoints.GET_OFFER, key.market, key.offer_id),
                lambda body: mapping.offer(_OFFER(body), key.market),
            )
        except BadInput as refusal:
            if refusal.upstream_code not in _NOT_SOLD:
                raise
            raise NotFound(
                str(refusal),
                status=refusal.status,
                upstream_code=refusal.upstream_code,
                request_id=refusal.request_id,
                correlation_id=refusal.correlation_id,
            ) from refusal

    async def _read(self, name: Hashable, call: Call, decode: Callable[[bytes], T]) -> T:
        cached = self._cached(name)
        if cached is not None:
            return cast("T", cached)
        answer = await self._client.read(call, self._scope, decode)
        self._cache[self._cache_key(name)] = answer
        return answer

    def _cached(self, name: Hashable) -> object | None:
        return self._cache.get(self._cache_key(name))

    def _cache_key(self, name: Hashable) -> Hashable:
        return self._scope.identity, name


def _call(
    endpoint: Endpoint, market: Market, *path: str, query: tuple[tuple[str, str], ...] = ()
) -> Call:
    return Call(
        endpoint,
        path,
        query=(("country", market.country), *query),
        headers=(("X-Locale", market.locale),),
    )


def _offer_name(key: OfferKey) -> Hashable:
    return "offer", key.folded


def _page_call(key: OffersKey) -> Call:
    query = [("offset", str(key.offset)), ("size", str(key.size))]
    if key.category_id is not None:
        query.append(("offer_category_id", key.category_id))
    return _call(endpoints.LIST_OFFERS, key.market, query=tuple(query))


def _page(body: bytes, key: OffersKey) -> OffersPage:
    sent = _OFFERS(body)
    if sent.links is None:  # nothing is said (Q14): a full page may have a successor
        has_next = len(sent.items or ()) >= key.size
    else:
        has_next = sent.links.next is not None
    return OffersPage(_offers(sent, key.market), has_next)


def _offers(sent: Collection[WireOffer], market: Market) -> Sequence[Offer]:
    return [mapping.offer(offer, market) for offer in sent.items or ()]


def _categories(body: bytes) -> Sequence[OfferCategory]:
    return [mapping.category(category) for category in _CATEGORIES(body).items or ()]
