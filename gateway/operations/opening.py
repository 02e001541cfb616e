"""Which store an address means."""

from pathlib import Path
from typing import Final
from urllib.parse import unquote

from gateway.operations.late import sqlalchemy
from gateway.operations.patience import Patience
from gateway.operations.sqlite_store import SQLiteStore
from gateway.operations.store import Store
from gateway.settings.addresses import check_credentials

_EXPECTED: Final = (
    "database_url: expected sqlite:///path/to/file.db or postgresql://user@host/database"
)
_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = ("postgresql://", "postgresql+psycopg://")


def store_at(url: str, patience: Patience) -> Store:
    """Read an address. Raises ValueError for one that is no database of ours."""
    path = unquote(url.removeprefix(_SQLITE).partition("?")[0])
    if url.startswith(_SQLITE) and path:
        return SQLiteStore(url, Path(path))
    if url.startswith(_POSTGRES):
        return _postgres_store(url, patience)
    raise ValueError(_EXPECTED)


def _postgres_store(url: str, patience: Patience) -> Store:
    from gateway.operations.postgres_store import PostgresStore

    try:
        check_credentials(url)
    except ValueError as unclear:
        raise ValueError(f"database_url: {unclear}") from None
    try:
        parsed = sqlalchemy.make_url(url).set(drivername="postgresql")
        if parsed.database:
            return PostgresStore(parsed, connect_within_s=patience.connect_within_s)
    except (sqlalchemy.exc.ArgumentError, ValueError):  # whose texts quote parts of the address
        pass
    raise ValueError(_EXPECTED)
