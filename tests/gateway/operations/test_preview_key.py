"""The key that signs previews, in the stores that keep it."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any, Final

import psycopg
import pytest

from gateway.operations.health import Health
from gateway.operations.opening import store_at
from gateway.operations.preview_key import PreviewKey, PrincipalPreviewSigner
from gateway.operations.store import Store
from resolvers.ports.refusals import OperationsUnavailable
from tests.gateway.operations.batching import running
from tests.support.clock import FakeClock
from tests.support.pretend_market import PretendMarket
from tests.support.waiting import PATIENT

ROTATION: Final = {
    "sqlite": "DELETE FROM upgrade_gateway_keys",
    "postgresql": "DELETE FROM dbos.upgrade_gateway_keys",
}
README: Final = Path(__file__).parents[3] / "README.md"
PROCESSES: Final = 8


def execute(database_url: str, statement: Any) -> None:
    """Do what an operator would do at the database."""
    if database_url.startswith("postgresql"):
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(statement)
    else:
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as file:
            file.execute(statement)
            file.commit()


@pytest.fixture
def stores(database_url: str) -> Iterator[list[Store]]:
    """The stores of as many processes, whose database has DBOS's schema already."""
    if database_url.startswith("postgresql"):
        execute(
            database_url,
            "CREATE SCHEMA dbos; CREATE TABLE dbos.workflow_status (workflow_uuid text, name text, status text, executor_id text,"
            " created_at bigint, authenticated_user text, attributes jsonb)",
        )
    else:
        execute(
            database_url,
            "CREATE TABLE workflow_status (workflow_uuid, name, created_at int, authenticated_user, attributes)",
        )
    made = [store_at(database_url, PATIENT) for _ in range(PROCESSES)]
    yield made
    for store in made:
        store.close()


def test_processes_that_start_at_the_same_time_share_one_key(stores: list[Store]) -> None:
    together = Barrier(PROCESSES)

    def start(number: int) -> bytes:
        together.wait()
        stores[number].index()
        return stores[number].preview_key(bytes([number]) * 32)

    with ThreadPoolExecutor(PROCESSES) as processes:
        keys = set(processes.map(start, range(PROCESSES)))
    assert len(keys) == 1
    assert stores[0].preview_key(b"another") == keys.pop()


async def test_a_key_outlives_its_process_and_serves_each_principal_alone(
    database_url: str,
) -> None:
    signatures = []
    for _ in range(2):
        async with running(database_url, PretendMarket(FakeClock())) as engine:
            mine = PrincipalPreviewSigner(engine.preview_key, "somebody")
            other = PrincipalPreviewSigner(engine.preview_key, "another")
            signatures.append([await each.sign("content") for each in (mine, other)])
    assert signatures[0] == signatures[1]
    assert len(set(signatures[0])) == 2


async def test_the_documented_statement_makes_every_process_take_a_new_key(
    database_url: str,
) -> None:
    statement = ROTATION[database_url.partition(":")[0]]
    assert f"{statement};" in README.read_text()
    async with running(database_url, PretendMarket(FakeClock())) as engine:
        store = store_at(database_url, PATIENT)
        other = PreviewKey(store, Health(store, FakeClock(), PATIENT))
        other.load()
        before = await engine.preview_key.sign("somebody", "content")
        execute(database_url, statement)
        for each in (engine.preview_key, other):
            each.load()
        after = await engine.preview_key.sign("somebody", "content")
        assert await other.sign("somebody", "content") == after != before
        store.close()


async def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    store = store_at(f"sqlite:///{tmp_path}/operations.db", PATIENT)
    health = Health(store, FakeClock(), replace(PATIENT, open_within_s=0.0))
    with pytest.raises(OperationsUnavailable, match="operations are starting"):
        await PreviewKey(store, health).sign("somebody", "content")


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    store = store_at(f"sqlite:///{tmp_path}/operations.db", PATIENT)
    store.prepare()
    execute(
        store.url,
        "CREATE TABLE workflow_status (workflow_uuid, name, created_at, authenticated_user, attributes)",
    )
    store.index()
    key = PreviewKey(store, Health(store, FakeClock(), PATIENT))
    key.load()
    secret = store.preview_key(b"")
    assert repr(secret)[2:-1] not in repr(key) + repr(store)
