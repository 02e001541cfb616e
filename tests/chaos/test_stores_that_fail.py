"""Databases that fail during upgrades: only stored states are reported."""

import asyncio
import contextlib
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.chaos.conftest import Vendor
from tests.support.postgres import PostgresServer
from tests.support.replicas import (
    HOLD_UPGRADES,
    Replica,
    pick_upgrades,
    running_replica,
    short_backoff_environment,
)
from tests.support.response_recorder import RecordedResponse
from tests.support.waiting import HANG_TIMEOUT_S, eventually

_DISK_BYTES: Final = 4_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder)]
    mount = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if mount.returncode:
        pytest.skip(f"no file system can be mounted here: {mount.stderr}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607


@contextlib.contextmanager
def fill_disk(disk: Path) -> Iterator[None]:
    """Fill the disk during the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"0" * 4096)
    yield
    ballast.unlink()


async def submit_until_refused(
    vendor: Vendor, replica: Replica, key: str, upgrade: Any
) -> RecordedResponse:
    """Submit an upgrade until the response is STORE_UNAVAILABLE."""

    async def submit() -> RecordedResponse | None:
        return await vendor.recorder.upgrade(replica.name, replica.client, key, upgrade, wait_s=0)

    def is_refused(response: RecordedResponse | None) -> bool:
        return response is not None and any(
            e["code"] == "STORE_UNAVAILABLE" for e in response.errors
        )

    response = await eventually(submit, is_refused)
    assert response is not None
    return response


async def read_operation(vendor: Vendor, replica: Replica, key: str) -> RecordedResponse:
    """Read an operation until there is a response."""

    async def read() -> RecordedResponse | None:
        return (await vendor.recorder.read(replica.name, replica.client, [key])).get(key)

    response = await eventually(read, lambda response: response is not None)
    assert response is not None
    return response


async def upgrade_while_broken(
    vendor: Vendor, replica: Replica, broken: contextlib.AbstractContextManager[None]
) -> None:
    """Break the database while the vendor executes an upgrade, and repair it after the response."""
    sandbox, recorder = vendor.sandbox, vendor.recorder
    upgrade, other = pick_upgrades(sandbox, 2)
    sandbox.faults.add(HOLD_UPGRADES)
    clients = {replica.name: replica.client}
    async with recorder.polling(clients, ["key-1"]), asyncio.TaskGroup() as group:
        group.create_task(recorder.upgrade(replica.name, replica.client, "key-1", upgrade))
        await sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
        with broken:
            await eventually(replica.ready, lambda status: status == "degraded")
            sandbox.faults.release()
            blocked = await eventually(
                lambda: read_operation(vendor, replica, "key-1"),
                lambda response: response.state == "WAITING",
            )
            await submit_until_refused(vendor, replica, "key-2", other)
        await recorder.wait_until_ended(clients, ["key-1"])
        await eventually(replica.ready, lambda status: status == "ready")
        await recorder.upgrade(replica.name, replica.client, "key-2", other)

    assert blocked.operation is not None
    assert "does not accept writes" in blocked.operation["waitingFor"]
    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=2)
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_an_operation_on_a_full_disk_continues_when_there_is_space(
    vendor: Vendor, small_disk: Path
) -> None:
    environ = short_backoff_environment(vendor.url, f"sqlite:///{small_disk}/operations.db")
    async with running_replica(environ, lease_s=5) as replica:
        await upgrade_while_broken(vendor, replica, fill_disk(small_disk))


async def test_an_operation_continues_after_its_database_was_read_only(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    async with running_replica(short_backoff_environment(vendor.url, url), lease_s=5) as replica:
        await upgrade_while_broken(vendor, replica, postgres.read_only(url))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_an_operation_continues_after_its_server_was_stopped_and_logs_once_a_minute(
    vendor: Vendor, postgres: PostgresServer, tmp_path: Path, mode: str
) -> None:
    environ = {
        **short_backoff_environment(vendor.url, postgres.new_database()),
        "UPGRADE_GATEWAY_LOG_LEVEL": "warning",
    }
    log = tmp_path / "log"
    began = asyncio.get_running_loop().time()
    async with running_replica(environ, lease_s=5, log=log) as replica:
        await upgrade_while_broken(vendor, replica, postgres.stopped(mode))
    minutes = 1 + (asyncio.get_running_loop().time() - began) // 60

    lines = log.read_text().splitlines()
    assert sum("operations are unavailable" in line for line in lines) <= minutes
    assert len(lines) <= 3 * minutes, lines


async def test_a_missing_or_replaced_database_file_is_detected_and_not_recreated(
    vendor: Vendor, tmp_path: Path
) -> None:
    sandbox, recorder = vendor.sandbox, vendor.recorder
    folder, away, other = tmp_path / "own", tmp_path / "away", tmp_path / "other.db"
    file = folder / "operations.db"
    upgrade, unwanted = pick_upgrades(sandbox, 2)
    async with running_replica(
        short_backoff_environment(vendor.url, f"sqlite:///{file}")
    ) as replica:
        await recorder.upgrade(replica.name, replica.client, "key-1", upgrade)
        folder.rename(away)
        folder.mkdir()
        deleted = await submit_until_refused(vendor, replica, "key-2", unwanted)
        while_deleted = await replica.ready()
        left = list(folder.iterdir())
        shutil.copy(away / file.name, other)
        other.rename(file)
        replaced = await submit_until_refused(vendor, replica, "key-2", unwanted)
        while_replaced = await replica.ready()
        file.unlink()
        folder.rmdir()
        away.rename(folder)
        await eventually(replica.ready, lambda status: status == "ready")
        await recorder.upgrade(replica.name, replica.client, "key-2", unwanted)
        await read_operation(vendor, replica, "key-1")

    assert (deleted.operation, replaced.operation, left) == (None, None, [])
    assert (while_deleted, while_replaced) == ("degraded", "degraded")
    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=2)


async def test_an_operation_that_may_be_recorded_is_not_reported_as_unsent(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    sandbox, recorder = vendor.sandbox, vendor.recorder
    url = postgres.new_database()
    environ = short_backoff_environment(vendor.url, url, operations__store_timeout_s=2)
    (upgrade,) = pick_upgrades(sandbox, 1)
    # The lease is not renewed meanwhile; a renewal would show that the database works.
    async with running_replica(environ, "a", lease_s=10 * HANG_TIMEOUT_S) as a:
        await eventually(a.ready, lambda status: status == "ready")
        with postgres.connected(url) as connection, connection.transaction():
            connection.execute("LOCK TABLE upgrade_gateway.operations IN EXCLUSIVE MODE")
            response = await recorder.upgrade("a", a.client, "key-1", upgrade)
            sandbox.faults.add(HOLD_UPGRADES)
        await sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
        await a.kill()
    sandbox.faults.release()
    async with running_replica(environ, "b") as b:
        await recorder.wait_until_ended({"b": b.client}, ["key-1"])
        again = await recorder.upgrade("b", b.client, "key-1", upgrade)

    assert response is not None
    assert response.operation is None
    assert "may be recorded" in response.errors[0]["message"]
    assert "same idempotency key" in response.errors[0]["message"]
    assert again is not None
    assert again.state == "DONE"
    assert recorder.find_contradictions() == []
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_an_upgrade_succeeds_after_idle_sessions_were_ended(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    sandbox, recorder = vendor.sandbox, vendor.recorder
    wishes = pick_upgrades(sandbox, 3)

    def interrupt(number: int) -> None:
        if number == 0:
            postgres.end_sessions(url)
        else:
            with postgres.stopped(("fast", "immediate")[number % 2]):
                pass

    found = []
    async with running_replica(short_backoff_environment(vendor.url, url), "a") as a:
        for number, upgrade in enumerate(wishes):
            await eventually(a.ready, lambda status: status == "ready")
            interrupt(number)
            response = await recorder.upgrade("a", a.client, f"key-{number}", upgrade)
            found.append((response and response.state, await a.ready()))

    assert found == [("DONE", "ready")] * 3
    assert recorder.find_contradictions() == []
