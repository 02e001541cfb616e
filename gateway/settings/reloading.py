"""Text files, and files that are read again when they change."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

LOG: Final = structlog.get_logger("gateway.settings")

T = TypeVar("T")
FileState = tuple[int, int, int]


def read_text(file: Path) -> str:
    """Read a UTF-8 file, without the byte order mark that some editors on Windows write.

    Raises OSError, or ValueError if the file has another encoding.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.object[error.start]:#04x} at position {error.start}"
        raise ValueError(f"expected text in UTF-8, found {reason}; save it as UTF-8") from error


def file_state(path: Path) -> FileState | None:
    """Return a value that changes when the file is written or replaced; None if it is missing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class ReloadingFile(Generic[T]):
    """The parsed content of a file. Whenever the file has changed, it is parsed again.

    If the changed file cannot be read or parsed, the reason is logged once and the last good
    content stays in use.

    Args:
        path: a text file in UTF-8.
        parse: raises ValueError if the text is invalid.
        check_interval_s: the time between two checks of the file.
        monotonic: a clock, in seconds.

    Raises:
        ValueError: the first read failed; names the file.

    Attributes:
        error: why the present content of the file is not in use; None if it is.
    """

    def __init__(
        self,
        path: Path,
        parse: Callable[[str], T],
        *,
        check_interval_s: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.error: str | None = None
        self._path = path
        self._parse = parse
        self._check_interval_s = check_interval_s
        self._monotonic = monotonic
        self._checked_at = monotonic()
        self._state = file_state(path)
        self._value = self._read()

    def current(self) -> T:
        now = self._monotonic()
        if now - self._checked_at >= self._check_interval_s:
            self._checked_at = now
            state = file_state(self._path)
            if state != self._state:
                self._state = state
                self._reload()
        return self._value

    @property
    def is_current(self) -> bool:
        """Whether the file's present content is in use."""
        self.current()
        return self.error is None

    def _reload(self) -> None:
        try:
            self._value = self._read()
        except ValueError as error:
            self.error = str(error)
            LOG.error(
                "a changed file is invalid, its last valid content is used", reason=str(error)
            )
        else:
            self.error = None
            LOG.info("reloaded a changed file", file=str(self._path))

    def _read(self) -> T:
        try:
            return self._parse(read_text(self._path))
        except OSError as error:
            raise ValueError(f"'{self._path}' cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise ValueError(f"'{self._path}': {error}") from error
