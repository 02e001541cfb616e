"""Operations in a SQLite file, which the processes of one machine can share."""

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

_OWNER_ONLY: Final = 0o600
_MOUNTS: Final = Path("/proc/self/mountinfo")
_MOUNT_POINT: Final = 4  # among the fields of a line, see proc(5)


class SQLiteDatabase:
    """Implements `Database` for one file.

    Args:
        path: the path of the file; its folders are created.
        lock_timeout_s: how long a transaction waits for a transaction of another process.
    """

    schema = ""
    old_schema = ""
    for_update = ""  # a write transaction locks the whole file
    for_share = ""
    skip_locked = ""
    now = "((julianday('now') - 2440587.5) * 86400.0)"
    writers = 1
    is_local = True

    def __init__(self, path: Path, *, lock_timeout_s: float) -> None:
        self._path = path
        self._lock_timeout_s = lock_timeout_s
        self._file: tuple[int, int] | None = None

    def is_missing(self) -> bool:
        """Whether the file has to be created and can be. Leaves no file behind."""
        if self._path.exists():
            return False
        folder = next(each for each in self._path.parents if each.exists())
        tempfile.TemporaryFile(dir=folder).close()
        return True

    def connect(self, *, is_dry_run: bool) -> Engine:
        """Create the file if it is missing, with access for its owner only."""
        self._require_regular_file()
        if not is_dry_run:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=_OWNER_ONLY)  # SQLite gives the files beside it the same mode
            self._path.chmod(_OWNER_ONLY)
        self._require_single_path()
        self._file = self._identity()
        engine = sqlalchemy.create_engine(
            "sqlite://",
            creator=partial(self._open, is_dry_run=is_dry_run),
            poolclass=sqlalchemy.QueuePool,
        )
        sqlalchemy.event.listen(engine, "begin", _begin)
        return engine

    def _require_regular_file(self) -> None:
        """Reject devices and folders before their permissions are changed."""
        if self._path.exists() and not self._path.is_file():
            raise StoreUnavailable(
                f"'{self._path}' is not a regular file. Set database_url to a file, which is"
                " created if it does not exist."
            )

    def _require_single_path(self) -> None:
        """Reject paths beside which other processes would not find SQLite's write-ahead log."""
        path = self._path.resolve()
        if path.stat().st_nlink > 1:
            raise StoreUnavailable(
                f"'{path}' has several names (hard links). Processes that open it by different"
                " names would overwrite each other's data. Remove all names but one."
            )
        if _MOUNTS.exists() and str(path) in (
            line.split()[_MOUNT_POINT] for line in _MOUNTS.read_text().splitlines()
        ):
            raise StoreUnavailable(
                f"'{path}' is mounted as a single file, without the files that SQLite keeps beside"
                " it. Mount its folder instead."
            )

    def _open(self, *, is_dry_run: bool) -> sqlite3.Connection:
        # mode=rw never creates the file: a deleted file is an error, because it had operations.
        connection = sqlite3.connect(
            f"file:{quote(str(self._path.resolve()))}?mode=rw",
            uri=True,
            timeout=self._lock_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        with contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            if not is_dry_run:  # stored in the file
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            stack.pop_all()
        return connection

    def lock_setup(self, connection: Connection) -> None:
        """Do nothing: the transaction locks the whole file."""

    def has_tables(self, connection: Connection) -> bool:
        return _has_table(connection, "version")

    def create_schema(self, connection: Connection) -> None:
        """Do nothing: a file has no schemas."""

    def has_previous_version(self, connection: Connection) -> bool:
        """Whether the file has tables of the previous version.

        A process of that version locks another file beside it while it runs.
        """
        if not _has_table(connection, "workflow_input"):
            return False
        if any(map(_is_locked, self._path.parent.glob(f"{self._path.name}.slot-*.lock"))):
            raise StoreUnavailable(
                f"A gateway of the previous version is using '{self._path}'. Stop it first."
            )
        return True

    def unusable_reason(self) -> str | None:
        """Return a reason if the file was deleted or replaced after it was opened; else None."""
        if self._identity() == self._file:
            return None
        return (
            f"'{self._path}' was deleted or replaced while the gateway was running. Put the"
            " original file back, or restart the gateway to use the new one."
        )

    def _identity(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_dev, stat.st_ino

    def explain(self, error: Exception) -> str:
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
        return (
            f"Operations cannot be stored in '{self._path}': {cause}. Check that this user may"
            " write the file, that its disk has free space and that no other program locks it,"
            " or set database_url to another database."
        )


def _has_table(connection: Connection, name: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE name = ?"
    return connection.exec_driver_sql(query, (name,)).first() is not None


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
    """Lock for writing at the start; a transaction that reads first could fail to get the lock."""
    writes: Any = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
