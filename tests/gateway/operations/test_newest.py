"""Pages of operations are read by an index, in the order that they have."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import TupleRow
from sqlalchemy import make_url

from gateway.operations import postgres_store, sqlite_store
from gateway.operations.newest import CREATED, PositionsKey, created_us, positions_query
from gateway.operations.postgres_store import PostgresStore
from gateway.operations.sqlite_store import SQLiteStore
from gateway.operations.store import Store
from tests.support.postgres import PostgresServer
from tests.support.waiting import NEVER_S

MINE, OTHERS = "0123456789abcdef-", "fedcba9876543210-"
COLUMNS = "workflow_uuid text, name text, created_at bigint, authenticated_user text"
EVERYBODYS = PositionsKey("", None, None, 10)
PAGES = {
    "newest": PositionsKey("", None, (5_000_000, "x"), 10),
    "newest_of_principal": PositionsKey(MINE, None, (5_000_000, "x"), 10),
    "newest_of_customer": PositionsKey("", "a", (5_000_000, "x"), 10),
}


def rows() -> list[tuple[str, str, int, str, str | None]]:
    """Operations of two principals, one of them recorded before its time was; and a batch."""
    created = [f'{{"{CREATED}": {number * 1_000_000}}}' for number in range(5)]
    return [
        *((f"{MINE}{n}", "operation", 9_000, "a", created[n]) for n in (3, 1, 4)),
        (f"{MINE}old", "operation", 2_000, "b", "{}"),
        (f"{OTHERS}same", "operation", 9_000, "a", created[3]),
        (f"{MINE}batch", "batch", 9_000, "a", None),
    ]


@pytest.fixture
def sqlite(tmp_path: Path) -> SQLiteStore:
    path = tmp_path / "operations.db"
    with sqlite3.connect(path) as file:
        file.execute(f"CREATE TABLE workflow_status ({COLUMNS}, attributes text)")
        file.executemany("INSERT INTO workflow_status VALUES (?, ?, ?, ?, ?)", rows())
    file.close()
    return SQLiteStore(f"sqlite:///{path}", path)


@pytest.fixture
def postgresql(postgres: PostgresServer) -> PostgresStore:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA dbos")
        table = f"CREATE TABLE dbos.workflow_status ({COLUMNS}, attributes jsonb)"
        cursor.execute(table.encode())
        cursor.executemany("INSERT INTO dbos.workflow_status VALUES (%s, %s, %s, %s, %s)", rows())
    return PostgresStore(make_url(url), connect_within_s=NEVER_S)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    found.index()
    return found


def test_positions_go_by_creation_and_id(store: Store) -> None:
    found = store.positions(EVERYBODYS)
    store.close()
    assert [(created // 1_000_000, name[17:]) for created, name in found] == [
        (4, "4"),
        (3, "same"),
        (3, "3"),
        (2, "old"),
        (1, "1"),
    ]


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (PositionsKey(MINE, None, None, 10), ["4", "3", "old", "1"]),
        (PositionsKey(MINE, None, None, 2), ["4", "3"]),
        (PositionsKey("", "a", None, 10), ["4", "same", "3", "1"]),
        (PositionsKey(MINE, "b", None, 10), ["old"]),
        (PositionsKey("", None, (3_000_000, f"{OTHERS}same"), 10), ["3", "old", "1"]),
        (PositionsKey("", None, (3_000_000, f"{MINE}3"), 1), ["old"]),
        (PositionsKey("", None, (1_000_000, f"{MINE}1"), 10), []),
    ],
)
def test_a_page_is_a_principals_a_customers_and_behind_a_position(
    store: Store, key: PositionsKey, names: list[str]
) -> None:
    found = [name[17:] for _, name in store.positions(key)]
    store.close()
    assert found == names


@pytest.mark.parametrize(("index", "key"), PAGES.items(), ids=PAGES)
def test_sqlite_reads_a_page_by_an_index_without_sorting(
    sqlite: SQLiteStore, index: str, key: PositionsKey
) -> None:
    sqlite.index()
    query, parameters = positions_query(sqlite_store._TABLE, sqlite_store._CREATED, key)
    with sqlite3.connect(sqlite.path) as file:
        plan = file.execute(f"EXPLAIN QUERY PLAN {query}", parameters).fetchall()
    file.close()
    (step,) = [detail for *_, detail in plan]
    assert f"USING INDEX upgrade_gateway_{index} (" in step


@pytest.mark.parametrize(("index", "key"), PAGES.items(), ids=PAGES)
def test_postgresql_reads_a_page_by_an_index_without_sorting(
    postgresql: PostgresStore, index: str, key: PositionsKey
) -> None:
    postgresql.index()
    query, parameters = positions_query(postgres_store._TABLE, postgres_store._CREATED, key)
    explain = postgres_store.with_named_parameters(f"EXPLAIN {query}")
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        plan = explained(connection, explain, parameters)
    postgresql.close()
    assert f"Index Scan Backward using upgrade_gateway_{index} on" in plan
    assert "Index Cond: " in plan
    assert "Sort" not in plan


def explained(
    connection: psycopg.Connection[TupleRow], query: bytes, parameters: dict[str, object]
) -> str:
    """The plan that a large table has; a small one is read as a whole."""
    connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    connection.execute("SET enable_sort = off")
    return "\n".join(line for (line,) in connection.execute(query, parameters))


@pytest.mark.parametrize("seconds", [0.0, 1_700_000_000.123456, 1_700_000_000.9999996])
def test_the_time_of_a_position_is_the_one_that_is_shown(seconds: float) -> None:
    shown = datetime.fromtimestamp(seconds, UTC)
    assert created_us(seconds) == round(shown.timestamp() * 1_000_000)
