"""Which store an address means."""

from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from gateway.operations.postgres_store import PostgresStore
from gateway.operations.sqlite_store import SQLiteStore
from gateway.operations.store import Store

_EXPECTED: Final = "expected sqlite:///path/to/file.db or postgresql://user@host/database"


def store_at(url: str) -> Store:
    """Read an address. Raises ValueError for one that is no database of ours."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(_EXPECTED) from None
    if parsed.drivername == "sqlite" and parsed.database:
        return SQLiteStore(url, Path(parsed.database))
    if parsed.drivername in {"postgresql", "postgresql+psycopg"} and parsed.database:
        return PostgresStore(parsed.set(drivername="postgresql"))
    raise ValueError(_EXPECTED)
