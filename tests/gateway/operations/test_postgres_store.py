"""What PostgreSQL itself says to the questions that the store asks it."""

import asyncio
import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from gateway.operations.postgres_store import PostgresStore
from gateway.operations.store import StoreUnavailable
from tests.support.postgres import PostgresServer
from tests.support.waiting import NEVER_S, eventually

TABLES = """
CREATE SCHEMA dbos;
CREATE TABLE dbos.dbos_migrations (version bigint);
CREATE TABLE dbos.workflow_status (
  workflow_uuid text, name text, status text, executor_id text, created_at bigint,
  authenticated_user text,
  attributes jsonb
)
"""


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """The address of a database with what matters here of DBOS's tables."""
    made = postgres.new_database()
    with psycopg.connect(made, autocommit=True) as connection:
        connection.execute(TABLES)
    return made


patient_store = partial(PostgresStore, connect_within_s=NEVER_S)


@contextlib.contextmanager
def opened(url: str) -> Iterator[PostgresStore]:
    store = patient_store(make_url(url))
    name = store.take_name()
    try:
        yield store
    finally:
        name.release()
        store.close()


def left_open_by(url: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute(
                "INSERT INTO dbos.workflow_status (status, executor_id) VALUES ('PENDING', %s)",
                (name,),
            )


def test_a_database_that_can_be_written_is_no_trouble(url: str) -> None:
    with opened(url) as store:
        store.prepare()
        store.index()
        store.index()
        store.probe(lock_within_s=NEVER_S)


def test_a_database_that_does_not_exist_is_named(postgres: PostgresServer) -> None:
    store = patient_store(make_url(postgres.url("nowhere")))
    with pytest.raises(StoreUnavailable, match=r"nowhere.*does not exist.*create the database"):
        store.prepare()


def test_a_connection_may_take_as_long_as_patience_says(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    connect = psycopg.connect

    def noted(url: str, *, connect_timeout: int, **others: Any) -> psycopg.Connection[Any]:
        asked.append(connect_timeout)
        return connect(url, connect_timeout=connect_timeout, **others)

    monkeypatch.setattr(psycopg, "connect", noted)
    for connect_within_s in (0.2, 29.5):
        store = PostgresStore(make_url(url), connect_within_s=connect_within_s)
        store.prepare()
        store.close()
    assert asked == [2, 30]


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    store = patient_store(make_url("postgresql://user:secret@127.0.0.1:1/name"))
    with pytest.raises(StoreUnavailable, match=r"user:\*\*\*@127.0.0.1:1/name") as raised:
        store.prepare()
    assert "secret" not in str(raised.value)


def test_a_password_means_the_same_to_the_store_and_to_dbos(url: str) -> None:
    password = "a b@c/d:e+f%20"
    store = patient_store(make_url(url).set(password=password))
    with store._asking.used() as connection:
        assert connection.info.password == password
    assert make_url(store.url).password == password
    store.close()


def test_a_host_may_be_named_several_times(url: str) -> None:
    folder = str(make_url(url).query["host"])
    store = patient_store(make_url(url).set(query={"host": ("/nowhere", folder)}))
    store.prepare()
    store.close()


def test_tables_of_a_newer_version_are_left_alone(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO dbos.dbos_migrations VALUES (100000)")
    with pytest.raises(StoreUnavailable, match="newer version"):
        patient_store(make_url(url)).prepare()


def test_a_database_that_may_only_be_read_is_refused(url: str) -> None:
    name = make_url(url).database
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    with pytest.raises(StoreUnavailable, match="read-only"):
        patient_store(make_url(url)).prepare()


def test_a_user_who_may_not_write_is_trouble(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA dbos TO reader")
    with pytest.raises(StoreUnavailable, match="permission denied"):
        patient_store(make_url(url).set(username="reader")).probe(lock_within_s=0.01)


def test_a_locked_table_is_trouble_while_it_is_locked(url: str) -> None:
    with opened(url) as store:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE dbos.workflow_status IN EXCLUSIVE MODE")
            with pytest.raises(StoreUnavailable, match="lock timeout"):
                store.probe(lock_within_s=0.01)
        store.probe(lock_within_s=NEVER_S)


def test_names_of_living_processes_are_not_taken(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        left_open_by(url, one.take_name().name, other.take_name().name, "dead")
        left = one.left_names()
        assert [each.name for each in left] == ["dead"]
        assert other.left_names() == []
        left[0].release()
        assert [each.name for each in other.left_names()] == ["dead"]


async def test_the_name_of_a_process_that_died_is_taken(url: str) -> None:
    with opened(url) as living:
        with opened(url) as dying:
            name = dying.take_name().name
            left_open_by(url, name)
            assert living.left_names() == []
        # The server first has to notice that the session is gone.
        left = await eventually(lambda: asyncio.to_thread(living.left_names), bool)
    assert [each.name for each in left] == [name]


def test_a_name_is_held_again_after_its_connection_was_lost(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        left_open_by(url, one.take_name().name)
        with psycopg.connect(url, autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(StoreUnavailable, match="terminat"):
            one.keep_name()
        one.keep_name()
        with contextlib.suppress(StoreUnavailable):
            other.keep_name()
        assert other.left_names() == []
