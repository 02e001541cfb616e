"""Reads the legacy catalog: by page, by id, from the cache. Source: CONTRACT 4.12 to 4.15."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar, cast

from gateway.upstream import endpoints
from gateway.upstream.cached_reads import CachedReads
from gateway.upstream.call import Call
from gateway.upstream.catalog_cache import CatalogCache
from gateway.upstream.client import UpstreamClient
from gateway.upstream.endpoints import Endpoint
from gateway.upstream.errors import UpstreamBadInput
from gateway.upstream.models.offer import (
    decode_categories,
    decode_offer,
    decode_offers,
    decode_offers_page,
)
from gateway.upstream.scope import RequestScope
from resolvers.ports.directory import OffersKey, OffersPage
from resolvers.promise import Promise, gather_results
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


class Catalog:
    """Reads the legacy catalog with the identity of one request, and caches it."""

    def __init__(self, client: UpstreamClient, scope: RequestScope, cache: CatalogCache) -> None:
        self._identity = scope.identity
        self._cache = cache
        self._reads = CachedReads(client, scope, cache)

    def page(self, key: OffersKey) -> Promise[OffersPage]:
        """Read one page of offers. `offers` finds them without a call from then on."""
        category = (key.category_id or "").lower()
        name = ("page", key.market.normalized, category, key.offset, key.size)
        page = self._read(name, _build_page_call(key), partial(decode_offers_page, key=key))
        return page.then(partial(self._remember_page, key.market, name))

    def offers(
        self, market: Market, offer_ids: Sequence[str]
    ) -> Promise[list[Offer | BaseException]]:
        """Read offers in few calls. Returns a value or an exception for each id, in their order."""
        cached = self._find_cached(market, offer_ids)
        unknown_count = len(offer_ids) - len(cached)
        if unknown_count < MIN_OFFERS_FOR_PAGE:
            return self._read_each(market, offer_ids, cached)
        page = self.page(OffersKey(market, None, 0, PAGE_SIZE))
        return page.then(lambda page: self._read_each(market, offer_ids, {**page.by_id, **cached}))

    def _read_each(
        self, market: Market, offer_ids: Sequence[str], known: Mapping[str, Offer]
    ) -> Promise[list[Offer | BaseException]]:
        """Read the offers that are not known by their id in lower case."""
        return gather_results(
            [
                Promise.resolved(known[offer_id.lower()])
                if offer_id.lower() in known
                else self._read_offer(market, offer_id)
                for offer_id in offer_ids
            ]
        )

    def add_ons(self, key: OfferKey) -> Promise[Sequence[Offer]]:
        call = build_market_call(endpoints.LIST_OFFER_ADD_ONS, key.market, key.offer_id)
        name = ("add-ons", key.normalized)
        return self._read(name, call, partial(decode_offers, market=key.market))

    def categories(self, market: Market) -> Promise[Sequence[OfferCategory]]:
        call = build_market_call(endpoints.LIST_OFFER_CATEGORIES, market)
        return self._read(("categories", market.normalized), call, decode_categories)

    def _find_cached(self, market: Market, offer_ids: Sequence[str]) -> dict[str, Offer]:
        """Find offers that were read before, alone or on a page, by id in lower case."""
        known: dict[str, Offer] = {}
        if not self._cache:
            return known
        names = cast("Sequence[Hashable]", self._get_cached(_pages_cache_name(market)) or ())
        pages = [
            cast("OffersPage", page) for page in map(self._get_cached, names) if page is not None
        ]
        for offer_id in map(str.lower, offer_ids):
            places = (page.by_id.get(offer_id) for page in pages)
            offer = next(filter(None, places), None)
            offer = offer or cast(
                "Offer | None", self._get_cached(_offer_cache_name(market, offer_id))
            )
            if offer is not None:
                known[offer_id] = offer
        return known

    def _remember_page(self, market: Market, name: Hashable, page: OffersPage) -> OffersPage:
        """Put the page first among the pages that are searched for offers."""
        names = cast("Sequence[Hashable]", self._get_cached(_pages_cache_name(market)) or ())
        others = [other for other in names if other != name]
        latest = (name, *others[: _PAGES_SEARCHED - 1])
        self._cache.put(self._cache_key(_pages_cache_name(market)), latest)
        return page

    def _read_offer(self, market: Market, offer_id: str) -> Promise[Offer]:
        try:
            call = build_market_call(endpoints.GET_OFFER, market, offer_id)
        except UpstreamBadInput as error:
            return Promise.rejected(error)
        name = _offer_cache_name(market, offer_id)
        return self._read(name, call, partial(decode_offer, market=market))

    def _read(self, name: Hashable, call: Call, decode: Callable[[bytes], T]) -> Promise[T]:
        return self._reads.read(self._cache_key(name), call, decode)

    def _get_cached(self, name: Hashable) -> object | None:
        return self._cache.get(self._cache_key(name))

    def _cache_key(self, name: Hashable) -> Hashable:
        return self._identity, name


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
