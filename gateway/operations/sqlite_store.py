"""Operations in a SQLite file, which the processes of one machine may share.

A name is a slot: a file beside the database that is locked while its process lives.
"""

import contextlib
import fcntl
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from gateway.operations.late import migrations
from gateway.operations.newest import CREATED, PositionsKey, index_statements, positions_query
from gateway.operations.store import HeldName, StoreUnavailable
from resolvers.ports.operations import Position

_SLOTS: Final = 64
_OWNERS_ALONE: Final = 0o600
_LOCK_WITHIN_S: Final = 10.0
_INDEX: Final = """
CREATE INDEX IF NOT EXISTS upgrade_gateway_subject
ON workflow_status (json_extract(attributes, '$.subject'), created_at)
WHERE attributes IS NOT NULL;
DROP INDEX IF EXISTS upgrade_gateway_customer;
CREATE TABLE IF NOT EXISTS upgrade_gateway_keys (name TEXT PRIMARY KEY, secret BLOB NOT NULL)
"""
_TABLE: Final = "workflow_status"
# Of operations that were recorded without it: DBOS's own time, in milliseconds.
_CREATED: Final = f"coalesce(json_extract(attributes, '$.{CREATED}'), created_at * 1000)"
_FIND_KEY: Final = "SELECT secret FROM upgrade_gateway_keys WHERE name = 'preview'"
_KEEP_KEY: Final = "INSERT OR IGNORE INTO upgrade_gateway_keys (name, secret) VALUES ('preview', ?)"
_ON_SUBJECT: Final = """
SELECT workflow_uuid FROM workflow_status
WHERE attributes IS NOT NULL AND json_extract(attributes, '$.subject') = ?
ORDER BY created_at DESC
"""


# The first SQLite with `unixepoch('subsec')`, by which DBOS dates rows on Python 3.12 and newer.
_HAS_SUBSEC: Final = (3, 42)


class ConnectionWithSubsec(sqlite3.Connection):
    """A connection whose `unixepoch` takes 'subsec' whatever the version of SQLite.

    A file keeps the expression in its tables' defaults, so this depends on SQLite alone: the same
    file may be written by another Python later.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sqlite3.sqlite_version_info < _HAS_SUBSEC:
            self.create_function("unixepoch", 1, _unix_epoch)


def _unix_epoch(modifier: str) -> float:
    """Return seconds since the epoch, to the millisecond as SQLite does."""
    if modifier != "subsec":
        raise ValueError(f"unixepoch({modifier!r}) is not known here, only 'subsec' is")
    return round(time.time(), 3)


@dataclass(frozen=True, slots=True)
class SQLiteStore:
    """Fits `Store`."""

    url: str
    path: Path

    @property
    def engine_options(self) -> dict[str, Any]:
        """Give DBOS connections on which its statements work with every SQLite."""
        return {"connect_args": {"factory": ConnectionWithSubsec}}

    def prepare(self) -> None:
        """Make the file ready for one writer and many readers at a time."""
        with _explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=_OWNERS_ALONE)  # SQLite's files beside it get the same mode
            with self._opened() as file:
                file.execute("PRAGMA journal_mode=WAL")
                _refuse_newer(file, self.path)

    def rehearse(self) -> None:
        """Begin a write, or make a nameless file where the folder of this one would be made."""
        with _explained(self.path):
            if not self.path.exists():
                folder = next(each for each in self.path.parents if each.exists())
                tempfile.TemporaryFile(dir=folder).close()
                return
            with self._opened() as file:
                _refuse_newer(file, self.path)
        self.probe(_LOCK_WITHIN_S)

    def probe(self, lock_within_s: float) -> None:
        """Begin a write, and leave it."""
        with _explained(self.path), self._opened(lock_within_s) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute("ROLLBACK")

    def take_name(self) -> HeldName:
        """Take the first slot that no living process has."""
        for number in range(_SLOTS):
            held = self._slot(number)
            if held is not None:
                return held
        raise StoreUnavailable(f"more than {_SLOTS} processes use '{self.path}'")

    def keep_name(self) -> None:
        """A locked file stays locked."""

    def left_names(self) -> list[HeldName]:
        """Take every other slot that somebody had once and nobody has now."""
        known = (n for n in range(_SLOTS) if self._lock_path(n).exists())
        taken = (self._slot(number) for number in known)
        return [held for held in taken if held is not None]

    def index(self) -> None:
        """Index by subject and by the orders of lists, and make the table of keys."""
        with _explained(self.path), self._opened() as file:
            file.executescript(";".join([_INDEX, *index_statements(_TABLE, _CREATED)]))

    def ids_on(self, subject: str) -> list[str]:
        """Find them by the index."""
        with _explained(self.path), self._opened() as file:
            return [workflow_id for (workflow_id,) in file.execute(_ON_SUBJECT, (subject,))]

    def positions(self, key: PositionsKey) -> list[Position]:
        """Find them by an index."""
        with _explained(self.path), self._opened() as file:
            return file.execute(*positions_query(_TABLE, _CREATED, key)).fetchall()

    def preview_key(self, candidate: bytes) -> bytes:
        """Find the key; where there is none, in a transaction that keeps the candidate."""
        with _explained(self.path), self._opened() as file:
            found = file.execute(_FIND_KEY).fetchone()
            if found is None:
                file.execute("BEGIN IMMEDIATE")
                file.execute(_KEEP_KEY, (candidate,))
                found = file.execute(_FIND_KEY).fetchone()
                file.execute("COMMIT")
            return bytes(found[0])

    def close(self) -> None:
        """No connection outlives its use."""

    @contextlib.contextmanager
    def _opened(self, lock_within_s: float = _LOCK_WITHIN_S) -> Iterator[sqlite3.Connection]:
        # Connecting would make an empty file, which passes for a store that can be written.
        if not self.path.exists():
            raise StoreUnavailable(f"'{self.path}' is gone; restart the gateway")
        file = sqlite3.connect(self.path, timeout=lock_within_s, isolation_level=None)
        with contextlib.closing(file):
            yield file

    def _slot(self, number: int) -> HeldName | None:
        with _explained(self.path):
            descriptor = os.open(self._lock_path(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return HeldName(f"slot-{number}", partial(os.close, descriptor))

    def _lock_path(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.slot-{number}.lock")


def _refuse_newer(file: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that a later DBOS has written, whose tables this one would misread."""
    known = file.execute("SELECT 1 FROM sqlite_master WHERE name = 'dbos_migrations'").fetchone()
    if known is None:
        return
    (version,) = file.execute("SELECT max(version) FROM dbos_migrations").fetchone()
    known_version = len(migrations.sqlite_migrations)
    if version is not None and version > known_version:
        raise StoreUnavailable(
            f"'{path}' was written by a newer version of this gateway (its tables are of version"
            f" {version}, this one knows {known_version}); start that version, or set"
            " database_url to another file"
        )


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(
            f"operations cannot be recorded in '{path}': {error}; make it a file that this user"
            " may write and no other program locks, or set database_url to another one"
        ) from error
