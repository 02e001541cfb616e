"""What callers hold for a while, such as connections: so many of a kind at a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.limits.limit import Limit

_ADVICE: Final = "You have as many of these open as you may; close one, or come back later."


class ConcurrencyLimit:
    """Counts what each caller holds."""

    def __init__(self, bound: Limit) -> None:
        self._bound = bound
        self._counts: Counter[str] = Counter()

    @contextmanager
    def acquire(self, principal: str) -> Iterator[None]:
        """Count one for the time of the block. Raises LimitExceeded."""
        if self._counts[principal] >= self._bound.maximum:
            raise self._bound.exceeded(_ADVICE)
        self._counts[principal] += 1
        try:
            yield
        finally:
            self._counts[principal] -= 1
            if not self._counts[principal]:
                del self._counts[principal]
