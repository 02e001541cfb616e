"""The database of operations as DBOS needs it: its address, its file, its executor's name.

DBOS recovers on start what its executor left behind, so a name may belong to one process at a
time. On SQLite a name is a slot: a file beside the database that is locked while its process
lives. The lock ends with the process however that ends, and whoever starts next takes the slot
over, with the operations in it.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dbos._migration import sqlite_migrations
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_SQLITE: Final = "sqlite"
_POSTGRES: Final = "postgresql"
_SLOTS: Final = 64
_PROBE_TIMEOUT_S: Final = 0.8


class StoreUnavailable(Exception):
    """Operations cannot be recorded now; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where operations are kept.

    Attributes:
        url: `sqlite:///path` or `postgresql://…`; shown without its password.
        path: of the SQLite file; None for another database.
    """

    url: str = field(repr=False)
    path: Path | None

    @classmethod
    def at(cls, url: str) -> "Store":
        """Read an address. Raises ValueError for one that is no database of ours."""
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise ValueError(_EXPECTED) from None
        if parsed.drivername == _SQLITE and parsed.database:
            return cls(url, Path(parsed.database))
        if parsed.drivername.startswith(_POSTGRES) and parsed.database:
            return cls(url, None)
        raise ValueError(_EXPECTED)

    def prepare(self) -> None:
        """Make a SQLite file ready for one writer and many readers at a time."""
        if self.path is None:
            return
        with _explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self.path, timeout=_PROBE_TIMEOUT_S)) as file:
                file.execute("PRAGMA journal_mode=WAL")
                _refuse_newer(file, self.path)

    def probe(self) -> None:
        """Try to begin a write. Raises StoreUnavailable within a second if that fails."""
        if self.path is None:
            return
        with _explained(self.path):
            if not self.path.exists():
                raise StoreUnavailable(f"'{self.path}' is gone; restart the gateway")
            with contextlib.closing(
                sqlite3.connect(self.path, timeout=_PROBE_TIMEOUT_S, isolation_level=None)
            ) as file:
                file.execute("BEGIN IMMEDIATE")
                file.execute("ROLLBACK")

    def take_slot(self) -> "Slot":
        """Take the first name that no living process has."""
        if self.path is None:
            return Slot("gateway", None)
        for number in range(_SLOTS):
            slot = self._slot(self.path, number)
            if slot is not None:
                return slot
        raise StoreUnavailable(f"more than {_SLOTS} processes use '{self.path}'")

    def left_slots(self) -> list["Slot"]:
        """Take every other slot that somebody had once and nobody has now."""
        if self.path is None:
            return []
        known = (n for n in range(_SLOTS) if _lock_path(self.path, n).exists())
        taken = (self._slot(self.path, number) for number in known)
        return [slot for slot in taken if slot is not None]

    @staticmethod
    def _slot(path: Path, number: int) -> "Slot | None":
        with _explained(path):
            descriptor = os.open(_lock_path(path, number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return Slot(f"slot-{number}", descriptor)


_EXPECTED: Final = "expected sqlite:///path/to/file.db or postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Slot:
    """A name of an executor, and what keeps others from taking it."""

    name: str
    descriptor: int | None

    def release(self) -> None:
        """Let others have it."""
        if self.descriptor is not None:
            os.close(self.descriptor)


def _refuse_newer(file: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that a later DBOS has written, whose tables this one would misread."""
    known = file.execute("SELECT 1 FROM sqlite_master WHERE name = 'dbos_migrations'").fetchone()
    if known is None:
        return
    (version,) = file.execute("SELECT max(version) FROM dbos_migrations").fetchone()
    if version is not None and version > len(sqlite_migrations):
        raise StoreUnavailable(
            f"'{path}' was written by a newer version of this gateway (its tables are of version"
            f" {version}, this one knows {len(sqlite_migrations)}); start that version, or set"
            " database_url to another file"
        )


def _lock_path(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.slot-{number}.lock")


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(
            f"operations cannot be recorded in '{path}': {error}; make it a file that this user"
            " may write and no other program locks, or set database_url to another one"
        ) from error
