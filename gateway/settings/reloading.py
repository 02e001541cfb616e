"""A file that is read anew when it has changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from gateway.settings.file_state import file_state
from gateway.settings.text_file import read_text

LOG: Final = structlog.get_logger("gateway.settings")

T = TypeVar("T")


class ReloadingFile(Generic[T]):
    """What a file says; of a file that became wrong, what it said last.

    Args:
        parse: raises ValueError for a text that means nothing.

    Raises:
        ValueError: it cannot be read at all; names the file.

    Attributes:
        is_obeyed: whether what it says now is used; the log says why where it is not.
    """

    def __init__(self, path: Path, parse: Callable[[str], T]) -> None:
        self.is_current = True
        self._path = path
        self._parse = parse
        self._state = file_state(self._path)
        self._value = self._read()

    def current(self) -> T:
        """Return what it says now; it is read if it is another than it was."""
        state = file_state(self._path)
        if state != self._state:
            self._state = state
            self._reload()
        return self._value

    def _reload(self) -> None:
        try:
            self._value = self._read()
        except ValueError as error:
            self.is_current = False
            LOG.error("a changed file is not used, what it said before is", reason=str(error))
        else:
            self.is_current = True
            LOG.info("read a changed file", file=str(self._path))

    def _read(self) -> T:
        try:
            return self._parse(read_text(self._path))
        except OSError as error:
            raise ValueError(f"'{self._path}' cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise ValueError(f"'{self._path}': {error}") from error
