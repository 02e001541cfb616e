"""Replicas that lose operations to others while they run, and replicas that are suspended."""

import asyncio
import contextlib
from collections import Counter
from functools import partial
from typing import Final

from tests.chaos.conftest import Vendor
from tests.support.leases import find_lease, owns_open_operations, revoke_lease
from tests.support.postgres import PostgresServer
from tests.support.replicas import (
    HOLD_UPGRADES,
    SHORT_LEASE_S,
    pick_upgrades,
    running_replicas,
    short_backoff_environment,
)
from tests.support.waiting import eventually

_ROUNDS: Final = 3
_KEYS: Final = 12


async def test_a_running_replica_without_its_lease_reports_only_true_outcomes(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    database_url = postgres.new_database()
    environ = short_backoff_environment(vendor.url, database_url)
    sandbox, recorder = vendor.sandbox, vendor.recorder
    upgrades = iter(pick_upgrades(sandbox, _ROUNDS * _KEYS))
    async with running_replicas(environ, environ) as (a, b):
        clients = {"a": a.client, "b": b.client}
        for number in range(_ROUNDS):
            keys = {f"key-{number}-{key}": next(upgrades) for key in range(_KEYS)}
            sandbox.faults.add(HOLD_UPGRADES)
            async with recorder.polling(clients, list(keys)), asyncio.TaskGroup() as group:
                for place, (key, upgrade) in enumerate(keys.items()):
                    to = (a, b)[place % 2]
                    group.create_task(recorder.upgrade(to.name, to.client, key, upgrade))
                await sandbox.calls.wait_until(
                    lambda calls: len(calls.running("perform_upgrade")) == _KEYS
                )
                for name, client in clients.items():
                    read = partial(recorder.read, name, client, list(keys))
                    await eventually(read, lambda found: len(found) == _KEYS)
                    for key in keys:
                        group.create_task(recorder.watch(name, client, key))
                victim = (a, b)[number % 2]
                # In the first round it runs on, and either replica may take over.
                with contextlib.nullcontext() if number == 0 else victim.paused():
                    run = revoke_lease(postgres, database_url, victim)

                    owned = partial(owns_open_operations, postgres, database_url, run)
                    await eventually(owned, lambda found: not found)
                # The replica misses its lease at the next renewal, and acquires a new one.
                await eventually(partial(find_lease, postgres, database_url, victim), bool)
                sandbox.faults.release()
                await recorder.wait_until_ended(clients, keys)
            sandbox.calls.clear()

    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=_ROUNDS * _KEYS)
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_a_replica_suspended_in_a_transaction_does_not_keep_its_locks(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    environ = short_backoff_environment(vendor.url, url, operations__store_timeout_s=1)
    sandbox, recorder = vendor.sandbox, vendor.recorder
    (upgrade,) = pick_upgrades(sandbox, 1)

    async def taken() -> bool:
        response = await recorder.upgrade("b", b.client, "key-1", upgrade)
        return response is not None and response.operation is not None

    async with (
        running_replicas(environ, environ) as (a, b),
        asyncio.TaskGroup() as group,
    ):
        await eventually(a.ready, lambda status: status == "ready")
        with contextlib.ExitStack() as stack:
            with postgres.connected(url) as connection, connection.transaction():
                connection.execute("LOCK TABLE upgrade_gateway.operations IN EXCLUSIVE MODE")
                group.create_task(recorder.upgrade("a", a.client, "key-1", upgrade))
                await eventually(postgres.has_blocked_session, bool)
                stack.enter_context(a.paused())
            # Its record is written but not committed.
            await eventually(taken, bool)
        await recorder.wait_until_ended({"a": a.client, "b": b.client}, ["key-1"])

    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=1)
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_a_resumed_replica_immediately_reports_outcomes_of_other_replicas(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    # It may be suspended in a transaction, which the database ends after a timeout.
    database_url = postgres.new_database()
    environ = short_backoff_environment(vendor.url, database_url, operations__store_timeout_s=3)
    sandbox, recorder = vendor.sandbox, vendor.recorder
    (upgrade,) = pick_upgrades(sandbox, 1)
    async with (
        running_replicas(environ, environ, lease_s=SHORT_LEASE_S) as (a, b),
        asyncio.TaskGroup() as group,
    ):
        sandbox.faults.add(HOLD_UPGRADES)
        waiting = group.create_task(recorder.upgrade("a", a.client, "key-1", upgrade))
        await sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
        with a.paused():
            sandbox.faults.release()
            await recorder.wait_until_ended({"b": b.client}, ["key-1"])
        first = (await recorder.read("a", a.client, ["key-1"]))["key-1"]
        waited = await waiting

    assert first.state == "DONE"
    assert waited is not None
    assert waited.state == "DONE"
    assert recorder.find_contradictions() == []
    assert set(sandbox.world.upgrades_performed.values()) == {1}
