"""The sandbox's time: the system's, and what was added to it by hand."""

from collections.abc import Callable


class AdjustableClock:
    """Seconds since 1970; `advance` moves it forward for everything in the sandbox at once."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._added_s = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self._source() + self._added_s

    def advance(self, seconds: float) -> None:
        """Move on for good; raises ValueError for a step back."""
        if not seconds >= 0:
            raise ValueError(f"cannot advance by {seconds} seconds; expected 0 or more")
        self._added_s += seconds
