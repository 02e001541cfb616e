"""A limit for what one principal may have at once, such as open connections."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.limits.limit import Limit


class ConcurrencyLimit:
    """Limits how many things of one kind, such as open connections, each principal has at once."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._counts: Counter[str] = Counter()

    @contextmanager
    def acquire(self, principal: str) -> Iterator[None]:
        """Count one more during the block. Raises LimitExceeded if the principal has too many."""
        if self._counts[principal] >= self._limit.maximum:
            raise self._limit.exceeded(
                f"You have too many open {self._limit.rule}. Close one, or retry later."
            )
        self._counts[principal] += 1
        try:
            yield
        finally:
            self._counts[principal] -= 1
            if not self._counts[principal]:
                del self._counts[principal]
