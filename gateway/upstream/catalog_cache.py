"""What the catalog answered, for as long as it may be told again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class CatalogCache:
    """Answers by caller and question, bounded in number and age.

    Nothing else is kept beyond a request: eligibility and subscriptions change with every purchase.
    Looked at several times for every offer, so there is little more to it than a dictionary.

    Args:
        max_entries: beyond them the oldest is dropped.
        ttl_s: how long an answer is kept; 0 keeps none.
        monotonic: a clock, in seconds.
    """

    def __init__(self, max_entries: int, ttl_s: float, monotonic: Callable[[], float]) -> None:
        self._max_entries = max_entries
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        # All are kept equally long: the first to be put in is the first to be too old.
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Any | None:
        """Return what was answered, unless that is too long ago."""
        kept = self._kept.get(key)
        if kept is None or self._monotonic() >= kept[0]:
            return None
        return kept[1]

    def put(self, key: Hashable, answer: Any) -> None:
        """Remember an answer; others that are too old, or one too many, are forgotten."""
        if self._ttl_s <= 0:
            return
        now = self._monotonic()
        self._kept[key] = now + self._ttl_s, answer
        self._kept.move_to_end(key)
        while len(self._kept) > self._max_entries or now >= next(iter(self._kept.values()))[0]:
            self._kept.popitem(last=False)
