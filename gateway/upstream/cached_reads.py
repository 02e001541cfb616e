"""Reads whose decoded responses are cached."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import TypeVar, cast

from gateway.upstream.call import Call
from gateway.upstream.catalog_cache import CatalogCache
from gateway.upstream.client import UpstreamClient
from gateway.upstream.scope import RequestScope
from resolvers.promise import Promise

T = TypeVar("T")


class CachedReads:
    """Reads from a cache, or from Partner Center if the value is not cached."""

    def __init__(self, client: UpstreamClient, scope: RequestScope, cache: CatalogCache) -> None:
        self._client = client
        self._scope = scope
        self._cache = cache

    def read(self, name: Hashable, call: Call, decode: Callable[[bytes], T]) -> Promise[T]:
        """Return the value that is cached under a name; if there is none, read and cache it."""
        cached = self._cache.get(name)
        if cached is not None:
            return Promise.resolved(cast("T", cached))
        return self._client.read(call, self._scope, partial(self._decode, name, decode))

    def _decode(self, name: Hashable, decode: Callable[[bytes], T], body: bytes) -> T:
        value = decode(body)
        self._cache.put(name, value)
        return value
