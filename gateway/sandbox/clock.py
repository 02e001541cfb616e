"""The clock of the sandbox."""

from collections.abc import Callable


class AdjustableClock:
    """A clock that returns seconds since 1970 and can be moved forward."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._added_s = 0.0

    def __call__(self) -> float:
        return self._source() + self._added_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raises ValueError if `seconds` is negative."""
        if not seconds >= 0:
            raise ValueError(f"cannot advance by {seconds} seconds; expected 0 or more")
        self._added_s += seconds
