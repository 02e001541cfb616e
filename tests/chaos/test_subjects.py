"""Several keys for one subscription, and two names for one database file."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.chaos.conftest import Vendor
from tests.support.replicas import (
    HOLD_UPGRADES,
    pick_upgrades,
    running_replica,
    running_replicas,
    short_backoff_environment,
    unthrottled_sandbox,
)
from tests.support.response_recorder import RecordedResponse, ResponseRecorder
from tests.support.server import serving
from tests.support.upgrades import request_upgrade
from tests.support.waiting import eventually

_KEYS: Final = 10
_ROUNDS: Final = 3


async def test_exactly_one_of_many_keys_for_one_subscription_is_executed(
    vendor: Vendor, database_url: str
) -> None:
    environ = short_backoff_environment(vendor.url, database_url)
    sandbox, recorder = vendor.sandbox, vendor.recorder
    async with running_replicas(environ, environ) as (a, b):
        for number, upgrade in enumerate(pick_upgrades(sandbox, _ROUNDS)):
            keys = [f"key-{number}-{key}" for key in range(_KEYS)]
            sandbox.faults.add(HOLD_UPGRADES)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(recorder.upgrade(to.name, to.client, key, upgrade))
                    for key, to in zip(keys, [a, b] * _KEYS, strict=False)
                ]

                # While the vendor holds the first one, the others are refused.
                async def refused(
                    tasks: list[asyncio.Task[RecordedResponse | None]] = tasks,
                ) -> int:
                    return sum(task.done() for task in tasks)

                await eventually(refused, lambda done: done == _KEYS - 1)
                winner = next(t for t, task in zip(keys, tasks, strict=True) if not task.done())
                sandbox.faults.release()
            (won,) = [t for t in recorder.responses[winner] if t.operation]
            assert won.state == "DONE"
            for key in set(keys) - {winner}:
                (response,) = recorder.responses[key]
                assert response.state == "REFUSED"
                assert response.errors[0]["code"] == "UPGRADE_IN_PROGRESS"
                assert won.operation is not None
                assert won.operation["id"] in response.errors[0]["message"]

    assert recorder.find_contradictions() == []
    assert list(sandbox.world.upgrades_performed.values()) == [1] * _ROUNDS


@pytest.mark.parametrize(
    ("database_url", "source_after_upgrade"),
    [("postgresql", "suspended"), ("postgresql", "active"), ("sqlite", "active")],
    indirect=["database_url"],
)
async def test_only_the_key_that_bought_is_done_when_responses_are_lost(
    database_url: str, source_after_upgrade: str
) -> None:
    sandbox = unthrottled_sandbox(source_after_upgrade=source_after_upgrade)
    recorder = ResponseRecorder(sandbox)
    upgrades = pick_upgrades(sandbox, 8)
    async with serving(sandbox) as url:
        environ = short_backoff_environment(url, database_url)
        async with running_replicas(environ, environ) as (a, b):
            sandbox.faults.add(
                *(
                    Fault(
                        FaultKind.CUT_AFTER,
                        "perform_upgrade",
                        subscription_id=upgrade.subscription_id,
                    )
                    for upgrade in upgrades
                )
            )
            await asyncio.gather(
                *(
                    recorder.upgrade(to.name, to.client, f"{to.name}-{number}", upgrade)
                    for number, upgrade in enumerate(upgrades)
                    for to in (a, b)
                )
            )
            await recorder.wait_until_ended(
                {"a": a.client, "b": b.client}, list(recorder.responses)
            )

    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes()["OPEN"] == 0
    if source_after_upgrade == "suspended":
        assert set(sandbox.world.upgrades_performed.values()) == {1}
        assert recorder.count_outcomes() == Counter(DONE=8, REFUSED=8)


async def test_a_symbolic_link_to_the_database_file_is_the_same_store(
    vendor: Vendor, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "own" / "operations.db")
    sandbox, recorder = vendor.sandbox, vendor.recorder
    upgrades = pick_upgrades(sandbox, 4)
    own = short_backoff_environment(vendor.url, f"sqlite:///{tmp_path}/own/operations.db")
    linked = short_backoff_environment(vendor.url, f"sqlite:///{link}")
    async with running_replicas(own, linked) as (a, b):
        clients = {"a": a.client, "b": b.client}
        async with recorder.polling(clients, [f"key-{number}" for number in range(4)]):
            await asyncio.gather(
                *(
                    recorder.upgrade(to.name, to.client, f"key-{number}", upgrade)
                    for number, upgrade in enumerate(upgrades)
                    for to in (a, b)
                )
            )
        await recorder.wait_until_ended(clients, list(recorder.responses))

    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=4)
    assert sandbox.calls.count("perform_upgrade") == 4


async def test_a_hard_link_to_the_database_file_is_rejected(vendor: Vendor, tmp_path: Path) -> None:
    file, link = tmp_path / "operations.db", tmp_path / "link.db"
    (upgrade,) = pick_upgrades(vendor.sandbox, 1)
    async with running_replica(short_backoff_environment(vendor.url, f"sqlite:///{file}")) as own:
        await eventually(own.ready, lambda status: status == "ready")
        link.hardlink_to(file)
        async with running_replica(
            short_backoff_environment(vendor.url, f"sqlite:///{link}")
        ) as other:
            refused = await request_upgrade(other.client, upgrade.input("key-1"))
            status = await other.ready()

    assert refused["operation"] is None
    assert refused["userErrors"][0]["code"] == "STORE_UNAVAILABLE"
    assert status == "degraded"
    assert vendor.sandbox.calls.count("perform_upgrade") == 0
