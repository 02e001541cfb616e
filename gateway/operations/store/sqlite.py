"""Operations in a SQLite file, which the processes of one machine may share."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.lazy_sqlalchemy import sqlalchemy

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

fcntl: Any
try:
    fcntl = import_module("fcntl")
except ImportError:  # on Windows
    fcntl = None

_OWNERS_ALONE: Final = 0o600
_MOUNTS: Final = Path("/proc/self/mountinfo")
_MOUNT_POINT: Final = 4  # among the fields of a line, see proc(5)


class SQLiteDatabase:
    """One file.

    Its clock counts from the start of the machine, so that setting the time revokes no lease.

    Args:
        path: of the file; its folders are created.
        lock_timeout_s: how long a transaction waits for another process's.
    """

    schema = ""
    old_schema = ""
    for_update = ""  # a write transaction has the file to itself
    for_share = ""
    skip_locked = ""
    writers = 1
    is_local = True

    def __init__(self, path: Path, *, lock_timeout_s: float) -> None:
        self._path = path
        self._lock_timeout_s = lock_timeout_s
        self._file: tuple[int, int] | None = None

    def is_missing(self) -> bool:
        """Whether the file can be created; leaves nothing there."""
        if self._path.exists():
            return False
        folder = next(each for each in self._path.parents if each.exists())
        tempfile.TemporaryFile(dir=folder).close()
        return True

    def connect(self, *, is_dry_run: bool) -> Engine:
        """Create the file unless it is there, for its owner alone."""
        if not is_dry_run:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=_OWNERS_ALONE)  # SQLite's files beside it get the same mode
            self._path.chmod(_OWNERS_ALONE)
        self._require_one_name()
        self._file = self._identity()
        engine = sqlalchemy.create_engine(
            "sqlite://",
            creator=partial(self._open, is_dry_run=is_dry_run),
            poolclass=sqlalchemy.QueuePool,
        )
        sqlalchemy.event.listen(engine, "begin", _begin)
        return engine

    def _require_one_name(self) -> None:
        """Refuse names beside which other processes would not find SQLite's log of writes."""
        path = self._path.resolve()
        if path.stat().st_nlink > 1:
            raise StoreUnavailable(
                f"'{path}' has several names (hard links). Processes that open it under different"
                " names would overwrite each other's data: remove all names but one."
            )
        if _MOUNTS.exists() and str(path) in (
            line.split()[_MOUNT_POINT] for line in _MOUNTS.read_text().splitlines()
        ):
            raise StoreUnavailable(
                f"'{path}' is mounted as a single file, without the files that SQLite keeps beside"
                " it. Mount its folder instead."
            )

    def _open(self, *, is_dry_run: bool) -> sqlite3.Connection:
        # Never creates the file: one that is gone holds operations, and is missed.
        connection = sqlite3.connect(
            f"file:{quote(str(self._path.resolve()))}?mode=rw",
            uri=True,
            timeout=self._lock_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        with contextlib.ExitStack() as closing:
            closing.callback(connection.close)
            if not is_dry_run:  # the file remembers it
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            closing.pop_all()
        return connection

    def lock_setup(self, connection: Connection) -> None:
        """Nothing: the transaction has the file to itself."""

    def has_tables(self, connection: Connection) -> bool:
        """Whether they are there, so that nothing has to be created."""
        return _has_table(connection, "version")

    def create_schema(self, connection: Connection) -> None:
        """Nothing: the file is the schema."""

    def has_previous_version(self, connection: Connection) -> bool:
        """Find the old tables; a process that used them holds the lock of a file beside this."""
        if not _has_table(connection, "workflow_input"):
            return False
        if any(map(_is_locked, self._path.parent.glob(f"{self._path.name}.slot-*.lock"))):
            raise StoreUnavailable(
                f"A gateway of the version before this one uses '{self._path}'. Stop it first."
            )
        return True

    def unusable_reason(self) -> str | None:
        """Say that the file was deleted or replaced; None when it is the one that was opened."""
        if self._identity() == self._file:
            return None
        return (
            f"'{self._path}' was deleted or replaced while the gateway was running. Put the"
            " original file back, or restart the gateway to begin with the new one."
        )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def explain(self, error: Exception) -> str:
        """Say what is wrong and what to do."""
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
        return (
            f"Operations cannot be stored in '{self._path}': {cause}. Make it a file on a disk with"
            " free space that this user may write and no other program locks, or set database_url"
            " to another one."
        )


def _has_table(connection: Connection, name: str) -> bool:
    known = "SELECT 1 FROM sqlite_master WHERE name = ?"
    return connection.exec_driver_sql(known, (name,)).first() is not None


def _is_locked(path: Path) -> bool:
    if fcntl is None:
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _begin(connection: Connection) -> None:
    """Take the lock for writing at the start: a transaction that reads first could lose it."""
    writes: Any = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
