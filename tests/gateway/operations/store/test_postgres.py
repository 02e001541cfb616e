"""Restarts, lost sessions, clocks and permissions of PostgreSQL."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import make_url

from gateway.operations.model.batch import BatchCancellation
from gateway.operations.store.base import OperationFilter, StoreUnavailable
from gateway.operations.store.factory import build_store
from gateway.operations.store.lease import ProcessLease
from tests.support.postgres import PostgresServer
from tests.support.stores import execute_sql, make_batch, make_record, open_store
from tests.support.waiting import LONG_TIMEOUTS, eventually

RECORD = make_record("key-1")
HASTY = replace(LONG_TIMEOUTS, lock_s=1)
END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
WAITING = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
# Found before PostgreSQL's own, as a clock is that somebody sets.
CLOCKS = """
CREATE SCHEMA clocks;
CREATE FUNCTION clocks.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
  AS $$ SELECT pg_catalog.clock_timestamp() + interval '{offset}' $$;
CREATE FUNCTION clocks.now() RETURNS timestamptz VOLATILE LANGUAGE sql
  AS $$ SELECT clocks.clock_timestamp() $$
"""
TABLES = "SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2"


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


@pytest.fixture
def reader(url: str) -> Iterator[str]:
    """A user who may not create anything."""
    execute_sql(url, "DROP ROLE IF EXISTS reader")
    execute_sql(url, "CREATE ROLE reader LOGIN")
    yield url.replace("postgres@", "reader@")
    execute_sql(url, "DROP OWNED BY reader")
    execute_sql(url, "DROP ROLE reader")


async def refusal_of(url: str) -> str:
    """Why a store cannot be opened."""
    store = build_store(url, LONG_TIMEOUTS)
    try:
        with pytest.raises(StoreUnavailable) as raised:
            await store.open()
    finally:
        await store.close()
    return str(raised.value)


# Sessions


async def test_ended_sessions_are_replaced(url: str) -> None:
    async with open_store(url) as store:
        await store.acquire_lease("one")
        # As many as there are, and those that are made meanwhile.
        await asyncio.gather(*(store.get(RECORD.id) for _ in range(8)))
        for number in range(3):
            assert execute_sql(url, END_SESSIONS)
            assert await store.renew_lease("one")
            assert execute_sql(url, END_SESSIONS)
            assert await store.record(make_record(f"key-{number}"), "one") is not None
            assert execute_sql(url, END_SESSIONS)
            assert await store.get(make_record(f"key-{number}").id) is not None


async def test_a_transaction_is_repeated_if_its_session_ends_before_the_commit(url: str) -> None:
    async with open_store(url) as store:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE upgrade_gateway.operations IN EXCLUSIVE MODE")
            recording = asyncio.create_task(store.record(RECORD, "one"))
            ((waiting,),) = await eventually(
                lambda: asyncio.to_thread(execute_sql, url, WAITING), bool
            )
            execute_sql(url, f"SELECT pg_terminate_backend({waiting})")
            ((again,),) = await eventually(
                lambda: asyncio.to_thread(execute_sql, url, WAITING),
                lambda found: found not in ([], [(waiting,)]),
            )
        assert again != waiting
        assert await recording is not None
        assert await store.get(RECORD.id) is not None


async def test_a_lease_that_is_renewed_while_it_is_being_revoked_is_kept(url: str) -> None:
    async with open_store(url) as store:
        await store.acquire_lease("one")
        await store.acquire_lease("two")
        await store.record(RECORD, "one")
        expired = await store.read_other_leases("two")
        with psycopg.connect(url) as renewing:
            renewing.execute(
                "UPDATE upgrade_gateway.leases SET renewals = renewals + 1 WHERE process = 'one'"
            )
            assert await store.take_over("two", expired) == []
            renewing.commit()
        assert await store.renew_lease("one")


def set_clock(url: str, offset: str) -> None:
    """Set the clock that statements read, as an administrator does the server's."""
    name = make_url(url).database
    execute_sql(url, "DROP SCHEMA IF EXISTS clocks CASCADE")
    execute_sql(url, CLOCKS.format(offset=offset))
    execute_sql(url, f"ALTER DATABASE {name} SET search_path = clocks, pg_catalog, public")
    execute_sql(url, END_SESSIONS)


async def test_a_dead_process_is_taken_over_in_time_when_the_servers_clock_is_set_back(
    url: str,
) -> None:
    store = build_store(url, LONG_TIMEOUTS, lease_s=0.5)
    await store.open()
    await store.acquire_lease("dead")
    await store.record(RECORD, "dead")
    execute_sql(url, "UPDATE {s}leases SET identity = ''")  # on another machine
    set_clock(url, "-2 hours")
    lease = ProcessLease(store, lambda: "alive")
    await lease.acquire()

    async def take_over() -> int:
        assert await lease.renew()
        return len(await store.take_over(lease.process, await lease.expired_others()))

    assert await eventually(take_over, bool) == 1
    await store.close()


async def test_a_living_process_keeps_its_lease_when_the_servers_clock_jumps_forward(
    url: str,
) -> None:
    store = build_store(url, LONG_TIMEOUTS)
    await store.open()
    one, two = ProcessLease(store, lambda: "one"), ProcessLease(store, lambda: "two")
    await one.acquire()
    await two.acquire()
    await store.record(RECORD, one.process)
    assert await two.expired_others() == {}
    set_clock(url, "2 hours")
    assert await store.take_over(two.process, await two.expired_others()) == []
    assert await one.renew()
    await store.close()


async def test_a_cancellation_waits_for_a_line_that_is_being_recorded(url: str) -> None:
    batch = make_batch("batch-1")
    line = batch.line(1, 1000.0)
    cancellation = BatchCancellation(batch_id=batch.id, principal="somebody", at=1.0)

    async def are_waiting(sessions: int) -> None:
        async def count() -> int:
            return len(await asyncio.to_thread(execute_sql, url, WAITING))

        await eventually(count, lambda found: found == sessions)

    async with open_store(url) as store:
        await store.record_batch(batch, "one")
        with psycopg.connect(url) as other:
            other.execute(
                "INSERT INTO upgrade_gateway.subjects VALUES (%s, 'another')", [line.subject]
            )
            recording = asyncio.create_task(store.record(line, "one"))
            await are_waiting(1)
            cancelling = asyncio.create_task(store.cancel_batch(cancellation))
            await are_waiting(2)
            other.rollback()
        assert await recording is not None
        await cancelling


async def test_a_restart_of_the_server_is_survived(url: str, postgres: PostgresServer) -> None:
    async with open_store(url) as store:
        await store.record(RECORD, "one")
        with postgres.stopped():
            with pytest.raises(
                StoreUnavailable, match="Check that the server is running"
            ) as raised:
                await store.record(make_record("key-2"), "one")
            assert not raised.value.may_be_stored
            with pytest.raises(StoreUnavailable):
                await store.get(RECORD.id)
        assert await store.get(RECORD.id) is not None
        assert await store.record(make_record("key-2"), "one") is not None


async def test_a_database_that_was_read_only_for_a_while_is_used_again(
    url: str, postgres: PostgresServer
) -> None:
    name = make_url(url).database
    async with open_store(url) as store:
        await store.record(RECORD, "one")
        with postgres.connected() as administrator:
            change = f"ALTER DATABASE {name} SET default_transaction_read_only"
            administrator.execute(f"{change} = on".encode())
            execute_sql(url, END_SESSIONS)
            for _ in range(3):
                with pytest.raises(StoreUnavailable, match="this user may only read") as raised:
                    await store.record(make_record("key-2"), "one")
                assert not raised.value.may_be_stored
            # Sessions that are made now stay read-only for ever.
            found = await asyncio.gather(*(store.get(RECORD.id) for _ in range(8)))
            administrator.execute(f"{change} = off".encode())
        assert await store.record(make_record("key-2"), "one") is not None
    assert None not in found


async def test_a_locked_table_is_waited_for_until_the_timeout(url: str) -> None:
    async with open_store(url, HASTY) as store:
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE upgrade_gateway.operations IN EXCLUSIVE MODE")
            with pytest.raises(StoreUnavailable, match="lock timeout") as raised:
                await store.record(RECORD, "one")
            assert not raised.value.may_be_stored
            assert await store.get(RECORD.id) is None
        assert await store.record(RECORD, "one") is not None


async def test_a_connection_may_take_as_long_as_its_timeout(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts: list[int] = []
    connect = psycopg.connect

    def noted(*given: Any, connect_timeout: int, **named: Any) -> psycopg.Connection[Any]:
        timeouts.append(connect_timeout)
        return connect(*given, connect_timeout=connect_timeout, **named)

    monkeypatch.setattr(psycopg, "connect", noted)
    for connect_s in (0.2, 29.5):
        async with open_store(url, replace(LONG_TIMEOUTS, connect_s=connect_s)):
            pass
    assert timeouts == [2, 30]


# Addresses


async def test_a_database_that_does_not_exist_is_named(postgres: PostgresServer) -> None:
    reason = await refusal_of(postgres.url("nowhere"))
    assert "nowhere" in reason
    assert "does not exist" in reason
    assert "that the database exists" in reason


async def test_an_unreachable_server_is_named_without_the_password() -> None:
    reason = await refusal_of("postgresql://user:secret@127.0.0.1:1/name")
    assert "user:***@127.0.0.1:1/name" in reason
    assert "secret" not in reason


def test_a_url_is_printed_without_its_password() -> None:
    store = build_store("postgresql://user:secret@host/name", LONG_TIMEOUTS)
    assert "secret" not in repr(store) + repr(store._database)


async def test_a_password_is_decoded_once(url: str) -> None:
    password = "a b@c/d:e+f%20"
    other_url = url.replace("postgres@", f"postgres:{quote(password, safe='')}@")
    async with open_store(other_url) as store:
        engine = store._transactions._engine
        assert engine is not None
        with engine.connect() as connection:
            session: Any = connection.connection.dbapi_connection
            assert session.info.password == password


async def test_a_host_may_be_a_socket_folder(url: str) -> None:
    folder, name = quote(str(make_url(url).query["host"]), safe=""), make_url(url).database
    async with open_store(f"postgres://postgres@{folder}/{name}") as store:
        assert await store.get(RECORD.id) is None


async def test_names_may_contain_spaces(postgres: PostgresServer) -> None:
    name, user = f"my data {uuid.uuid4().hex[:8]}", f"a b {uuid.uuid4().hex[:8]}"
    with postgres.connected() as administrator:
        administrator.execute(f'CREATE ROLE "{user}" LOGIN'.encode())
        administrator.execute(f'CREATE DATABASE "{name}" OWNER "{user}"'.encode())
    other_url = f"postgresql://{quote(user)}@/{quote(name)}?host={postgres.folder}"
    async with open_store(other_url) as store:
        assert await store.record(RECORD, "one") is not None


async def test_options_of_the_url_are_added_to_those_of_the_gateway(url: str) -> None:
    options = quote("-c statement_timeout=7000 -c default_transaction_isolation=serializable")
    async with open_store(f"{url}&options={options}&application_name=mine", HASTY) as store:
        shown = await store._transactions.read(
            lambda run: [
                run(f"SHOW {name}").scalar_one()
                for name in (
                    "statement_timeout",
                    "application_name",
                    "lock_timeout",
                    "transaction_isolation",
                )
            ]
        )
    assert shown == ["7s", "mine", "1s", "read committed"]


async def test_a_host_may_be_named_several_times(url: str) -> None:
    folder = str(make_url(url).query["host"])
    several = make_url(url).set(query={"host": ("/nowhere", folder)})
    async with open_store(several.render_as_string(hide_password=False)) as store:
        assert await store.get(RECORD.id) is None


# Rights


async def test_a_read_only_database_is_refused(url: str) -> None:
    execute_sql(
        url, f"ALTER DATABASE {make_url(url).database} SET default_transaction_read_only = on"
    )
    assert "this user may only read" in await refusal_of(url)


async def test_the_error_names_a_missing_grant_to_create(url: str, reader: str) -> None:
    before = execute_sql(url, TABLES)
    reason = await refusal_of(reader)
    assert await dry_run(reader) == reason
    assert "permission denied for database" in reason
    assert f'GRANT CREATE ON DATABASE "{make_url(url).database}" TO "reader";' in reason
    assert execute_sql(url, TABLES) == before


async def dry_run(url: str) -> str | None:
    """Why a dry run fails, if it does."""
    store = build_store(url, LONG_TIMEOUTS)
    try:
        await store.dry_run()
    except StoreUnavailable as refused:
        return str(refused)
    finally:
        await store.close()
    return None


USE: Final = "GRANT USAGE ON SCHEMA upgrade_gateway TO reader"
WRITE: Final = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA upgrade_gateway TO reader"
)


@pytest.mark.parametrize(
    "granted",
    [
        (),
        (USE,),
        (USE, "GRANT SELECT ON ALL TABLES IN SCHEMA upgrade_gateway TO reader"),
        (USE, WRITE, "REVOKE INSERT ON upgrade_gateway.purchases FROM reader"),
        (USE, WRITE, "REVOKE UPDATE ON upgrade_gateway.operations FROM reader"),
        (USE, WRITE, "REVOKE DELETE ON upgrade_gateway.seats FROM reader"),
        (USE, WRITE, "REVOKE SELECT ON upgrade_gateway.keys FROM reader"),
    ],
    ids=["nothing", "use", "reading", "no INSERT", "no UPDATE", "no DELETE", "no SELECT"],
)
async def test_the_error_names_a_missing_grant_to_write(
    url: str, reader: str, granted: tuple[str, ...]
) -> None:
    async with open_store(url) as store:
        await store.record(RECORD, "one")
    for each in granted:
        execute_sql(url, each)
    reason = await refusal_of(reader)
    assert await dry_run(reader) == reason
    assert "permission denied" in reason
    assert 'GRANT USAGE ON SCHEMA upgrade_gateway TO "reader";' in reason
    assert (
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA upgrade_gateway TO "reader";'
    ) in reason


async def test_a_user_may_use_tables_of_another_owner(url: str, reader: str) -> None:
    async with open_store(url):
        pass
    execute_sql(url, USE)
    execute_sql(url, WRITE)
    assert await dry_run(reader) is None
    async with open_store(reader) as store:
        assert await store.record(RECORD, "one") is not None


async def test_the_error_names_tables_of_the_first_version_that_the_user_does_not_own(
    url: str, reader: str
) -> None:
    async with open_store(url):
        pass
    for statement in (
        "ALTER TABLE {s}leases RENAME renewals TO expires_at",
        "UPDATE {s}version SET version = 1",
        USE,
        WRITE,
    ):
        execute_sql(url, statement)
    reason = await refusal_of(reader)
    assert 'ALTER TABLE upgrade_gateway.leases OWNER TO "reader";' in reason


async def test_a_schema_of_another_role_may_be_used(url: str, reader: str) -> None:
    execute_sql(url, "CREATE SCHEMA upgrade_gateway")
    execute_sql(url, USE)
    reason = await refusal_of(reader)
    assert await dry_run(reader) == reason
    assert 'GRANT USAGE, CREATE ON SCHEMA upgrade_gateway TO "reader";' in reason
    execute_sql(url, "GRANT USAGE, CREATE ON SCHEMA upgrade_gateway TO reader")
    assert await dry_run(reader) is None
    async with open_store(reader) as store:
        assert await store.record(RECORD, "one") is not None


async def test_unreadable_tables_of_an_earlier_version_are_named(url: str, reader: str) -> None:
    execute_sql(url, f"GRANT CREATE ON DATABASE {make_url(url).database} TO reader")
    execute_sql(url, "CREATE SCHEMA dbos")
    reason = await refusal_of(reader)
    assert await dry_run(reader) == reason
    assert 'GRANT USAGE ON SCHEMA dbos TO "reader";' in reason
    assert 'GRANT SELECT ON ALL TABLES IN SCHEMA dbos TO "reader";' in reason


async def test_operations_are_stored_in_a_database_without_an_encoding(
    url: str, postgres: PostgresServer
) -> None:
    other_url = another_encoding(postgres, "SQL_ASCII")
    assert await dry_run(other_url) is None
    record = make_record("Ελλάδα-日本")
    async with open_store(other_url) as store:
        assert await store.record(record, "one") is not None
        found = await store.find(OperationFilter(limit=1, principal="somebody"))
    assert [each.record for each in found] == [record]


async def test_an_encoding_that_lacks_characters_is_refused(postgres: PostgresServer) -> None:
    other_url = another_encoding(postgres, "LATIN1")
    reason = await refusal_of(other_url)
    assert await dry_run(other_url) == reason
    assert "its encoding LATIN1 lacks characters" in reason
    assert "Create a database with encoding UTF8" in reason


def another_encoding(postgres: PostgresServer, encoding: str) -> str:
    """Make an empty database, and return its address."""
    name = f"in_{encoding.lower()}_{uuid.uuid4().hex[:8]}"
    with postgres.connected() as administrator:
        administrator.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode()
        )
    return postgres.url(name)


async def test_a_standby_is_skipped_for_the_primary(url: str, postgres: PostgresServer) -> None:
    async with open_store(url) as store:
        await store.record(RECORD, "one")
    name = str(make_url(url).database)
    with postgres.standby() as standby:
        reason = await refusal_of(standby.url(name))
        assert await dry_run(standby.url(name)) == reason
        assert "the server is a standby" in reason
        both = f"postgresql://postgres@/{name}?host={standby.folder}&host={postgres.folder}"
        assert await dry_run(both) is None
        async with open_store(both) as store:
            assert await store.record(make_record("key-2"), "one") is not None


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_dry_run_leaves_nothing_behind(url: str, is_new: bool) -> None:
    if not is_new:
        async with open_store(url) as store:
            await store.record(RECORD, "one")
    before = execute_sql(url, TABLES)
    store = build_store(url, LONG_TIMEOUTS)
    await store.dry_run()
    await store.close()
    assert execute_sql(url, TABLES) == before
    assert bool(before) is not is_new or is_new
