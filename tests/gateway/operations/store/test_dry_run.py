import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.operations.store import tables
from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.dry_run import STATEMENTS
from gateway.operations.store.factory import build_store
from tests.support.stores import execute_sql, make_record, open_store
from tests.support.waiting import LONG_TIMEOUTS

ROWS = (
    "leases",
    "operations",
    "steps",
    "subjects",
    "purchases",
    "seat_accounts",
    "seats",
    "keys",
    "pauses",
)


def test_a_dry_run_executes_every_statement() -> None:
    known = {
        value.replace("{conditions}", "")
        for name, value in vars(tables).items()
        if name.isupper() and isinstance(value, str) and name != "COLUMNS"
    }
    assert set(STATEMENTS) == known - {tables.WRITE_VERSION}


def count_rows(url: str) -> list[object]:
    return [execute_sql(url, f"SELECT count(*) FROM {{s}}{name}") for name in ROWS]  # noqa: S608


async def test_a_dry_run_leaves_no_rows(database_url: str) -> None:
    async with open_store(database_url) as store:
        assert count_rows(database_url) == [[(0,)]] * len(ROWS)
        await store.record(make_record("key-1"), "one")
        before = count_rows(database_url)
        await store.dry_run()
        assert count_rows(database_url) == before


async def test_a_dry_run_finds_a_table_that_rejects_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_store(f"sqlite:///{path}"):
        pass
    with closing(sqlite3.connect(path)) as file:
        file.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON purchases BEGIN SELECT RAISE(FAIL, 'no'); END"
        )
    store = build_store(f"sqlite:///{path}", LONG_TIMEOUTS)
    with pytest.raises(StoreUnavailable, match="Operations cannot be stored"):
        await store.dry_run()
    with pytest.raises(StoreUnavailable, match="Operations cannot be stored"):
        await store.open()
    await store.close()
