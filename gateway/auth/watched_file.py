"""A file that is read anew when it has changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from gateway.settings.file_state import file_state

LOG: Final = structlog.get_logger("gateway.auth")

T = TypeVar("T")

_LOOKED_AT_EVERY_S: Final = 1.0


class WatchedFile(Generic[T]):
    """What a file says now; of a file that became wrong, what it said last.

    Args:
        parse: raises ValueError for a text that means nothing.
        monotonic: tells the seconds; the file is looked at once in each.

    Raises:
        ValueError: it cannot be read at all; names the file.
    """

    def __init__(
        self, path: Path, parse: Callable[[str], T], monotonic: Callable[[], float]
    ) -> None:
        self._path = path
        self._parse = parse
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._state = file_state(self._path)
        self._value = self._read()

    def value(self) -> T:
        """Return what it says."""
        now = self._monotonic()
        if now - self._looked_at >= _LOOKED_AT_EVERY_S:
            self._looked_at = now
            self._look()
        return self._value

    def _look(self) -> None:
        state = file_state(self._path)
        if state == self._state:
            return
        self._state = state
        try:
            self._value = self._read()
        except ValueError as error:
            LOG.error("a changed file is not used, what it said before is", reason=str(error))
        else:
            LOG.info("read a changed file", file=str(self._path))

    def _read(self) -> T:
        try:
            return self._parse(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"'{self._path}' cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise ValueError(f"'{self._path}': {error}") from error
