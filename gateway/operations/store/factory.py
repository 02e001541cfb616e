"""Creates the store that a database URL names."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from gateway.operations.store.health import StoreTimeouts
from gateway.operations.store.postgres import PostgresDatabase
from gateway.operations.store.postgres_url import is_postgres_url
from gateway.operations.store.sql import LEASE_S, SqlOperationStore
from gateway.operations.store.sqlite import SQLiteDatabase
from gateway.operations.store.transactions import Database

_EXPECTED: Final = (
    "database_url: expected sqlite:///path/to/file.db or postgresql://user@host/database"
)
_SQLITE: Final = "sqlite:///"
_MEMORY: Final = re.compile(r"sqlite:(///?)?($|\?|:memory:|file:.*:memory:|.*[?&]mode=memory)")


def build_store(
    url: str, timeouts: StoreTimeouts, *, lease_s: float = LEASE_S
) -> SqlOperationStore:
    """Create the store. Raises ValueError if the URL is not supported."""
    return SqlOperationStore(_build_database(url, timeouts), lease_s=lease_s)


def _build_database(url: str, timeouts: StoreTimeouts) -> Database:
    if is_postgres_url(url):
        try:
            return PostgresDatabase(
                url, connect_timeout_s=timeouts.connect_s, lock_timeout_s=timeouts.lock_s
            )
        except ValueError as unclear:
            raise ValueError(f"database_url: {unclear}") from None
    path = unquote(url.removeprefix(_SQLITE).partition("?")[0])
    if _MEMORY.match(unquote(url)):
        raise ValueError(
            f"{_EXPECTED}; a database in memory, such as sqlite:///:memory:, would lose its"
            " operations when the process ends"
        )
    if url.startswith(_SQLITE) and path:
        return SQLiteDatabase(Path(path), lock_timeout_s=timeouts.lock_s)
    raise ValueError(_EXPECTED)
