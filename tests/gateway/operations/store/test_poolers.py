"""PgBouncer between the gateway and PostgreSQL."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import psycopg
import pytest

from gateway.doctor.findings import Outcome
from gateway.doctor.run import check_store
from gateway.operations.model.steps import Settlement
from gateway.operations.store.base import SeatReservation, StoreUnavailable
from gateway.operations.store.factory import build_store
from gateway.settings import Settings
from gateway.settings.sections import OperationsSettings
from tests.support.pgbouncer import needs_pgbouncer, running_pgbouncer
from tests.support.postgres import PostgresServer
from tests.support.stores import make_record, open_store
from tests.support.waiting import HANG_TIMEOUT_S, LONG_TIMEOUTS

pytestmark = needs_pgbouncer

SETTINGS: Final = (
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "tcp_keepalives_idle",
    "statement_timeout",
)


@pytest.fixture(params=["session", "transaction"])
def pooled(request: pytest.FixtureRequest, postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty database through a pooler."""
    with running_pgbouncer(postgres, request.param) as folder:
        yield f"{postgres.new_database().partition('?')[0]}?host={folder}&port=6432"


@pytest.fixture
def lent(postgres: PostgresServer) -> Iterator[str]:
    """Likewise, where two sessions are lent to all for one transaction each."""
    with running_pgbouncer(postgres, "transaction", sessions=2) as folder:
        yield f"{postgres.new_database().partition('?')[0]}?host={folder}&port=6432"


async def test_operations_are_stored_through_a_pooler(pooled: str) -> None:
    patient = OperationsSettings(store_timeout_s=HANG_TIMEOUT_S)
    finding = await check_store(Settings(database_url=pooled, operations=patient))
    assert finding.outcome is Outcome.PASSED
    async with open_store(pooled) as store, open_store(pooled) as other:
        await store.acquire_lease("one")
        await other.acquire_lease("two")
        claims = await asyncio.gather(
            *(
                each.record(make_record(f"key-{number}"), process)
                for number in range(12)
                for each, process in ((store, "one"), (other, "two"))
            )
        )
        assert sum(claim is not None for claim in claims) == 12
        seats = SeatReservation("somebody", "operation", 5, 1000.0)
        assert await store.reserve_seats(seats, 0.0, lambda _: None) is None
        settlement = Settlement(
            operation_id=make_record("key-1").id,
            principal="somebody",
            is_done=True,
            note="seen",
            at=1000.0,
        )
        assert await store.settle(settlement) == settlement
        await store.release_lease("one")
        owned = len(await other.list_owned("two"))
        taken = await other.take_over("two", {})
        assert owned + len(taken) == 12


async def test_the_store_leaves_the_settings_of_shared_sessions_unchanged(lent: str) -> None:
    with psycopg.connect(lent, autocommit=True, prepare_threshold=None) as guest:
        before = shown(guest)
        timeouts = replace(LONG_TIMEOUTS, lock_s=HANG_TIMEOUT_S / 5)
        async with open_store(lent, timeouts) as store, open_store(lent, timeouts) as other:
            for number in range(20):  # psycopg would prepare a statement that comes so often
                await asyncio.gather(
                    store.get("nothing"),
                    store.record(make_record(f"key-{number}"), "one"),
                    other.get("nothing"),
                    other.record(make_record(f"key-{number}"), "two"),
                )
            configured = await store._transactions.write(
                lambda run: run("SHOW lock_timeout").scalar_one()
            )
            assert shown(guest) == before
            prepared = guest.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert configured == "1min"
    assert prepared == (0,)


async def test_startup_options_that_a_pooler_rejects_are_named(pooled: str) -> None:
    store = build_store(f"{pooled}&options=-c%20statement_timeout%3D5s", LONG_TIMEOUTS)
    with pytest.raises(StoreUnavailable, match="startup parameter: options") as refused:
        await store.dry_run()
    await store.close()
    assert "a connection pooler rejects this parameter" in str(refused.value)


async def test_a_direct_session_is_configured_once(postgres: PostgresServer) -> None:
    async with open_store(postgres.new_database()) as store:
        engine = store._transactions._engine
        assert engine is not None
        with engine.connect() as connection:
            assert not connection.info["is_pooled"]


def shown(session: psycopg.Connection[Any]) -> list[Any]:
    return [session.execute(f"SHOW {name}".encode()).fetchone() for name in SETTINGS]
