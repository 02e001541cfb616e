"""Reads the new commerce catalog: products, SKUs, availabilities. Source: CONTRACT 4.28 to 4.31."""

from collections.abc import Sequence
from functools import partial
from typing import Final, TypeVar

from gateway.upstream import endpoints
from gateway.upstream.cached_reads import CachedReads
from gateway.upstream.catalog import build_market_call
from gateway.upstream.catalog_cache import CatalogCache
from gateway.upstream.client import UpstreamClient
from gateway.upstream.errors import UpstreamNotFound
from gateway.upstream.models.availability import decode_availabilities, decode_availability
from gateway.upstream.models.product import decode_product, decode_sku
from gateway.upstream.scope import RequestScope
from resolvers.promise import Promise
from schema.availability import Availability
from schema.keys import AvailabilitiesKey, AvailabilityKey, ProductKey, SkuKey
from schema.product import Product, Sku

T = TypeVar("T")

# The id of the availability was reissued, or never existed (CONTRACT 8.4).
_NO_AVAILABILITY: Final = "400019"


class Products:
    """Reads the new commerce catalog.

    Args:
        cache: caches products and SKUs, which are the same for all identities. Availabilities are
            never cached: their ids change.
    """

    def __init__(self, client: UpstreamClient, scope: RequestScope, cache: CatalogCache) -> None:
        self._client = client
        self._scope = scope
        self._reads = CachedReads(client, scope, cache)

    def product(self, key: ProductKey) -> Promise[Product]:
        call = build_market_call(endpoints.GET_PRODUCT, key.market, key.product_id)
        return self._reads.read(key.normalized, call, decode_product)

    def sku(self, key: SkuKey) -> Promise[Sku]:
        call = build_market_call(endpoints.GET_SKU, key.market, key.product_id, key.sku_id)
        return self._reads.read(key.normalized, call, partial(decode_sku, key=key))

    def availabilities(self, key: AvailabilitiesKey) -> Promise[Sequence[Availability]]:
        segment = () if key.segment is None else (("targetSegment", key.segment),)
        sku = key.sku
        call = build_market_call(
            endpoints.LIST_AVAILABILITIES, sku.market, sku.product_id, sku.sku_id, query=segment
        )
        return self._client.read(call, self._scope, decode_availabilities)

    async def availability(self, key: AvailabilityKey) -> Availability:
        """Read an availability. If its id was replaced, returns the only one that is on sale."""
        sku = key.sku
        path = sku.product_id, sku.sku_id, key.availability_id
        call = build_market_call(endpoints.GET_AVAILABILITY, sku.market, *path)
        try:
            return await self._client.read(call, self._scope, decode_availability)
        except UpstreamNotFound as missing:
            if missing.upstream_code != _NO_AVAILABILITY:
                raise
            listed = await self.availabilities(AvailabilitiesKey(sku))
            on_sale = [each for each in listed if each.is_purchasable]
            if len(on_sale) != 1:
                raise
            return on_sale[0]
