"""Gateways that are stopped or killed, and the gateways that start after them."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import httpx

from gateway.sandbox.faults import Fault, FaultKind
from tests.chaos.conftest import Vendor
from tests.support.batch_documents import BATCH, batch_input, submit_batch
from tests.support.postgres import PostgresServer
from tests.support.replicas import (
    HOLD_UPGRADES,
    pick_upgrades,
    running_replica,
    running_replicas,
    short_backoff_environment,
)
from tests.support.upgrades import SHORT, execute, request_upgrade
from tests.support.waiting import eventually


async def test_requests_open_after_the_shutdown_grace_get_503_and_advice_to_retry(
    vendor: Vendor, tmp_path: Path
) -> None:
    sandbox, log = vendor.sandbox, tmp_path / "log"
    database_url = f"sqlite:///{tmp_path}/operations.db"
    environ = short_backoff_environment(vendor.url, database_url, operations__shutdown_grace_s=0.1)
    (upgrade,) = pick_upgrades(sandbox, 1)
    sandbox.faults.add(
        HOLD_UPGRADES,
        Fault(FaultKind.HOLD, "list_offers", times=None),
    )
    async with running_replica(environ, log=log) as replica:
        documents = [
            {"query": SHORT, "variables": {"input": upgrade.input("key-1", waitSeconds=60)}},
            {"query": "{ offers(first: 1) { nodes { id } } }"},
        ]
        async with asyncio.TaskGroup() as group:
            pending = [
                group.create_task(replica.client.post("/graphql", json=each)) for each in documents
            ]
            await sandbox.calls.wait_until(
                lambda calls: (
                    bool(calls.running("perform_upgrade")) and bool(calls.running("list_offers"))
                )
            )
            replica.signal(signal.SIGTERM)
        cut_off = [await each for each in pending]
        code = await replica.process.wait()
    sandbox.faults.clear()
    async with running_replica(environ) as replica:
        again = await request_upgrade(replica.client, upgrade.input("key-1"))

    for response in cut_off:
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "SHUTTING_DOWN"
        assert "Retry with the same idempotency key" in error["message"]
    assert code in (0, -signal.SIGTERM)
    assert "Traceback" not in log.read_text()
    assert again["operation"]["state"] == "DONE"
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_a_process_killed_while_it_stores_an_outcome_has_not_reported_it(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    environ = short_backoff_environment(vendor.url, url)
    sandbox, recorder = vendor.sandbox, vendor.recorder
    (upgrade,) = pick_upgrades(sandbox, 1)
    sandbox.faults.add(HOLD_UPGRADES)
    async with running_replicas(environ, environ) as (a, b):
        clients = {"a": a.client, "b": b.client}
        async with recorder.polling(clients, ["key-1"]), asyncio.TaskGroup() as group:
            group.create_task(recorder.upgrade("a", a.client, "key-1", upgrade))
            await sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
            # Reads wait until the store is open, and opening it tries a write to that table.
            await recorder.read("b", b.client, ["key-1"])
            with postgres.connected(url) as connection, connection.transaction():
                # Only the transaction of the outcome writes to this table.
                connection.execute("LOCK TABLE upgrade_gateway.subjects IN EXCLUSIVE MODE")
                sandbox.faults.release()
                await eventually(postgres.has_blocked_session, bool)
                reads = [
                    await recorder.read(name, each, ["key-1"]) for name, each in clients.items()
                ]
                await a.kill()
            await recorder.wait_until_ended({"b": b.client}, ["key-1"])

    assert [response["key-1"].state for response in reads] == ["RUNNING", "RUNNING"]
    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=1)
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_a_batch_reports_no_fewer_done_lines_after_a_restart(
    vendor: Vendor, database_url: str
) -> None:
    sandbox = vendor.sandbox
    environ = short_backoff_environment(vendor.url, database_url)
    upgrades = pick_upgrades(sandbox, 12)
    held = {upgrade.customer_id for upgrade in upgrades[8:]}
    free = sum(upgrade.customer_id not in held for upgrade in upgrades)
    sandbox.faults.add(
        *(Fault(FaultKind.HOLD, "perform_upgrade", each, times=None) for each in held)
    )

    async def done(client: httpx.AsyncClient) -> int:
        found: int = (await execute(client, BATCH, id=batch_id))["batch"]["counts"]["done"]
        return found

    async with running_replica(environ, "a") as a:
        payload = await submit_batch(a.client, batch_input("key-1", list(upgrades), waitSeconds=0))
        batch_id = payload["batch"]["id"]
        before = await eventually(lambda: done(a.client), lambda count: count >= free)
        await a.kill()
    async with running_replica(environ, "b") as b:
        first = await done(b.client)
        sandbox.faults.release()
        await eventually(lambda: done(b.client), lambda count: count == len(upgrades))

    assert 0 < before < len(upgrades)
    assert first >= before
    assert set(sandbox.world.upgrades_performed.values()) == {1}
