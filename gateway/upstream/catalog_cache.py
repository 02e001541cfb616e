"""Caches responses of the catalog."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class CatalogCache:
    """Caches values by identity and key, limited in number and age.

    Only the catalog is cached longer than one request: eligibilities and subscriptions change with
    every purchase.

    Args:
        max_entries: the maximum number of values; the oldest are dropped.
        ttl_s: how long a value is cached; 0 switches the cache off.
        monotonic: a clock, in seconds.
    """

    def __init__(self, max_entries: int, ttl_s: float, monotonic: Callable[[], float]) -> None:
        self._max_entries = max_entries
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        # All entries live equally long, so the first is the oldest. With cachetools.TTLCache the
        # read of one offer takes 7 % more CPU (`benches.upstream`).
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Any | None:
        """Return the value; None if there is none, or if it has expired."""
        kept = self._kept.get(key)
        if kept is None or self._monotonic() >= kept[0]:
            return None
        return kept[1]

    def put(self, key: Hashable, value: Any) -> None:
        """Cache a value, and drop others that have expired or are too many."""
        if self._ttl_s <= 0:
            return
        now = self._monotonic()
        self._kept[key] = now + self._ttl_s, value
        self._kept.move_to_end(key)
        while len(self._kept) > self._max_entries or now >= next(iter(self._kept.values()))[0]:
            self._kept.popitem(last=False)


class CatalogCaches:
    """One cache of offers, by identity, and one of products, which all identities share.

    Args:
        max_entries: the maximum number of values in each cache.
        offers_ttl_s: how long offers and categories are cached.
        products_ttl_s: how long products and SKUs of new commerce are cached.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self,
        max_entries: int,
        offers_ttl_s: float,
        products_ttl_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        self.offers = CatalogCache(max_entries, offers_ttl_s, monotonic)
        self.products = CatalogCache(max_entries, products_ttl_s, monotonic)
