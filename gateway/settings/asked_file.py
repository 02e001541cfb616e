"""A watched file for those who ask with every request."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from gateway.settings.reloading import ReloadingFile

T = TypeVar("T")

_LOOKED_AT_EVERY_S: Final = 1.0


class AskedFile(Generic[T]):
    """What a file says, a second late at most, however often it is asked."""

    def __init__(self, file: ReloadingFile[T], monotonic: Callable[[], float]) -> None:
        self._file = file
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._value = file.current()

    def current(self) -> T:
        """Return what it says."""
        now = self._monotonic()
        if now - self._looked_at >= _LOOKED_AT_EVERY_S:
            self._looked_at = now
            self._value = self._file.current()
        return self._value

    def is_current(self) -> bool:
        """Whether that is what it says now, rather than what it said before it became wrong."""
        self.current()
        return self._file.is_current
