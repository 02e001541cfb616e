"""Reads the legacy catalog: by page, by id, from the cache. Source: CONTRACT 4.12 to 4.15."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, Final, TypeVar, cast

from gateway.upstream import endpoints
from gateway.upstream.call import Call
from gateway.upstream.catalog_cache import CatalogCache
from gateway.upstream.client import UpstreamClient
from gateway.upstream.endpoints import Endpoint
from gateway.upstream.errors import UpstreamBadInput, UpstreamNotFound
from gateway.upstream.models.offer import (
    decode_categories,
    decode_offer,
    decode_offers,
    decode_offers_page,
)
from gateway.upstream.scope import RequestScope
from resolvers.ports.directory import OffersKey, OffersPage
from schema.keys import Market, OfferKey
from schema.offer import Offer
from schema.offer_details import OfferCategory

T = TypeVar("T")

# For so many offers or more, one page of the catalog is read instead of each offer: it has most
# offers of a market, and fills the cache with the others.
MIN_OFFERS_FOR_PAGE: Final = 5
PAGE_SIZE: Final = 500
# How many of a market's pages, the last read first, are searched for an offer.
_PAGES_SEARCHED: Final = 20

# The errors for an offer that a market does not sell (CONTRACT 4.13).
_NOT_SOLD_CODES: Final = frozenset({"800004", "800070", "2100"})


class Catalog:
    """The catalog, read and cached for the identity of one request."""

    def __init__(self, client: UpstreamClient, scope: RequestScope, cache: CatalogCache) -> None:
        self._client = client
        self._scope = scope
        self._cache = cache

    async def page(self, key: OffersKey) -> OffersPage:
        """Read one page. Its offers are found by id from then on."""
        category = (key.category_id or "").lower()
        name = ("page", key.market.normalized, category, key.offset, key.size)
        page = await self._read(name, _build_page_call(key), partial(decode_offers_page, key=key))
        self._remember_page(key.market, name)
        return page

    async def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Sequence[Offer | BaseException]:
        """Read n offers in few calls; n values or exceptions, in the order of the ids."""
        found_by_id = self._find_cached(market, offer_ids)
        unknown = [offer_id for offer_id in offer_ids if offer_id not in found_by_id]
        if len(unknown) >= MIN_OFFERS_FOR_PAGE:
            page = await self.page(OffersKey(market, None, 0, PAGE_SIZE))
            found_by_id |= {i: page.by_id[i.lower()] for i in unknown if i.lower() in page.by_id}
            unknown = [offer_id for offer_id in unknown if offer_id not in found_by_id]
        read = await gather_results(
            self._read_offer(OfferKey(offer_id, market)) for offer_id in unknown
        )
        found_by_id |= zip(unknown, read, strict=True)
        return [found_by_id[offer_id] for offer_id in offer_ids]

    async def add_ons(self, key: OfferKey) -> Sequence[Offer]:
        call = build_market_call(endpoints.LIST_OFFER_ADD_ONS, key.market, key.offer_id)
        name = ("add-ons", key.normalized)
        return await self._read(name, call, partial(decode_offers, market=key.market))

    async def categories(self, market: Market) -> Sequence[OfferCategory]:
        call = build_market_call(endpoints.LIST_OFFER_CATEGORIES, market)
        return await self._read(("categories", market.normalized), call, decode_categories)

    def _find_cached(
        self, market: Market, offer_ids: Sequence[str]
    ) -> dict[str, Offer | BaseException]:
        """Find offers that were read before, alone or on a page."""
        names = cast("Sequence[Hashable]", self._get_cached(_pages_cache_name(market)) or ())
        pages = [
            cast("OffersPage", page) for page in map(self._get_cached, names) if page is not None
        ]
        known: dict[str, Offer | BaseException] = {}
        for offer_id in offer_ids:
            places = (page.by_id.get(offer_id.lower()) for page in pages)
            offer = next(filter(None, places), None)
            offer = offer or cast(
                "Offer | None", self._get_cached(_offer_cache_name(market, offer_id))
            )
            if offer is not None:
                known[offer_id] = offer
        return known

    def _remember_page(self, market: Market, name: Hashable) -> None:
        """Put the page first among the pages that are searched for offers."""
        names = cast("Sequence[Hashable]", self._get_cached(_pages_cache_name(market)) or ())
        others = [other for other in names if other != name]
        latest = (name, *others[: _PAGES_SEARCHED - 1])
        self._cache.put(self._cache_key(_pages_cache_name(market)), latest)

    async def _read_offer(self, key: OfferKey) -> Offer:
        try:
            return await self._read(
                _offer_cache_name(key.market, key.offer_id),
                build_market_call(endpoints.GET_OFFER, key.market, key.offer_id),
                partial(decode_offer, market=key.market),
            )
        except UpstreamBadInput as error:
            if error.upstream_code not in _NOT_SOLD_CODES:
                raise
            raise UpstreamNotFound(
                str(error),
                status=error.status,
                upstream_code=error.upstream_code,
                request_id=error.request_id,
                correlation_id=error.correlation_id,
            ) from error

    async def _read(self, name: Hashable, call: Call, decode: Callable[[bytes], T]) -> T:
        cached = self._get_cached(name)
        if cached is not None:
            return cast("T", cached)
        value = await self._client.read(call, self._scope, decode)
        self._cache.put(self._cache_key(name), value)
        return value

    def _get_cached(self, name: Hashable) -> object | None:
        return self._cache.get(self._cache_key(name))

    def _cache_key(self, name: Hashable) -> Hashable:
        return self._scope.identity, name


def build_market_call(
    endpoint: Endpoint, market: Market, *path: str, query: tuple[tuple[str, str], ...] = ()
) -> Call:
    return Call(
        endpoint,
        path,
        query=(("country", market.country), *query),
        headers=(("X-Locale", market.locale),),
    )


def _offer_cache_name(market: Market, offer_id: str) -> Hashable:
    return "offer", market.normalized, offer_id.lower()


def _pages_cache_name(market: Market) -> Hashable:
    return "pages", market.normalized


def _build_page_call(key: OffersKey) -> Call:
    query = [("offset", str(key.offset)), ("size", str(key.size))]
    if key.category_id is not None:
        query.append(("offer_category_id", key.category_id))
    return build_market_call(endpoints.LIST_OFFERS, key.market, query=tuple(query))


async def gather_results(reads: Iterable[Coroutine[Any, Any, T]]) -> list[T | BaseException]:
    """Execute n reads at once; return n values or exceptions, in order."""
    listed = list(reads)
    if len(listed) != 1:
        return await asyncio.gather(*listed, return_exceptions=True)
    # `gather` would create a task for a single offer too: 6 to 12 % of reading one.
    try:
        return [await listed[0]]
    except Exception as error:  # noqa: BLE001 - returned
        return [error]
