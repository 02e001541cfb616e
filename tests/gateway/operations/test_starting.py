"""Reads are answered before operations have started; what needs them waits."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.operations.store.sql import SqlOperationStore
from tests.support.journey import Journey, journey
from tests.support.upgrades import SHORT, PossibleUpgrade, find_possible_upgrades

OPERATIONS = "{ operations { nodes { id } } }"
CUSTOMERS = "{ customers(first: 20) { nodes { id } } }"
LOADED_LATE = ("sqlalchemy", "psycopg", "jwt", "cryptography")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let no store be opened before this is set."""
    may_open, open_store = threading.Event(), SqlOperationStore._set_up

    def open_when_allowed(store: SqlOperationStore) -> None:
        may_open.wait()
        open_store(store)

    monkeypatch.setattr(SqlOperationStore, "_set_up", open_when_allowed)
    yield may_open
    may_open.set()


@contextlib.asynccontextmanager
async def starting(may_open: threading.Event) -> AsyncIterator[Journey]:
    """A gateway whose operations are starting until the block ends, or longer allowed before."""
    async with journey() as running:
        try:
            yield running
        finally:
            may_open.set()


async def first_possible(gateway: Journey) -> PossibleUpgrade:
    for customer in (await gateway.data(CUSTOMERS))["customers"]["nodes"]:
        wishes = await find_possible_upgrades(gateway.client, customer["id"])
        if wishes:
            return wishes[0]
    raise AssertionError("nothing can be upgraded")


async def checks(client: httpx.AsyncClient) -> tuple[str, str]:
    ready = (await client.get("/ready")).json()
    return ready["status"], ready["checks"]["operations"]["detail"]


async def test_reads_are_served_while_operations_are_starting(held: threading.Event) -> None:
    async with starting(held) as gateway:
        read = await gateway.data("{ offerCategories { id } }")
        readiness = await checks(gateway.client)
    assert read["offerCategories"]
    assert readiness == ("degraded", "operations are starting")


async def test_requests_that_need_operations_wait_for_the_start(held: threading.Event) -> None:
    async with starting(held) as gateway:
        upgrade = await first_possible(gateway)
        queried = asyncio.create_task(gateway.data(OPERATIONS))
        upgraded = asyncio.create_task(gateway.data(SHORT, input=upgrade.input("key-1")))
        await gateway.data("{ offerCategories { id } }")
        was_done = queried.done() or upgraded.done()
        held.set()
        found, payload = await asyncio.gather(queried, upgraded)
        readiness = await checks(gateway.client)
    assert not was_done
    assert "nodes" in found["operations"]
    assert payload["upgradeSubscription"]["operation"]["state"] == "DONE"
    assert readiness == ("ready", "operations can be recorded")


async def test_a_fault_while_operations_start_is_reported_and_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(store: SqlOperationStore) -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(SqlOperationStore, "_set_up", broken)
    with capture_logs() as logged:
        async with journey() as gateway:
            response = await gateway.execute(OPERATIONS)
            read = await gateway.data("{ offerCategories { id } }")
    assert "cannot be read at the moment" in str(response["errors"])
    assert "a fault of ours" in str(logged)
    assert read["offerCategories"]


def test_building_the_gateway_does_not_import_what_only_operations_and_logins_need() -> None:
    script = (
        "import sys; from gateway.app import create_app; from gateway.settings import Settings;"
        "create_app(Settings(partner={'auth': 'sandbox', 'base_url': 'http://127.0.0.1:1'}));"
        f"print([name for name in {LOADED_LATE} if name in sys.modules])"
    )
    ended = subprocess.run(  # noqa: S603 - a script of ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"
