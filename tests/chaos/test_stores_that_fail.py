"""Databases that fail while upgrades are on their way: nobody is told what is not stored."""

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
    """A file system that is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tmpfs", str(folder)]
    mount = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if mount.returncode:
        pytest.skip(f"no file system of its own can be mounted here: {mount.stderr}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Leave nothing free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"0" * 4096)
    yield
    ballast.unlink()


async def refused(vendor: Vendor, replica: Replica, key: str, wish: Any) -> RecordedResponse:
    """Ask for an upgrade until it is refused because it cannot be recorded."""

    async def ask() -> RecordedResponse | None:
        return await vendor.recorder.upgrade(replica.name, replica.client, key, wish, wait_s=0)

    def is_refused(told: RecordedResponse | None) -> bool:
        return told is not None and any(e["code"] == "STORE_UNAVAILABLE" for e in told.errors)

    told = await eventually(ask, is_refused)
    assert told is not None
    return told


async def told_of(vendor: Vendor, replica: Replica, key: str) -> RecordedResponse:
    """Read where an operation stands."""

    async def read() -> RecordedResponse | None:
        return (await vendor.recorder.read(replica.name, replica.client, [key])).get(key)

    told = await eventually(read, lambda told: told is not None)
    assert told is not None
    return told


async def bought_meanwhile(
    vendor: Vendor, replica: Replica, broken: contextlib.AbstractContextManager[None]
) -> None:
    """Break the database during a call, and let it work again when that has been answered."""
    sandbox, recorder = vendor.sandbox, vendor.recorder
    wish, other = pick_upgrades(sandbox, 2)
    sandbox.faults.add(HOLD_UPGRADES)
    clients = {replica.name: replica.client}
    async with recorder.polling(clients, ["key-1"]), asyncio.TaskGroup() as group:
        group.create_task(recorder.upgrade(replica.name, replica.client, "key-1", wish))
        await sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
        with broken:
            await eventually(replica.ready, lambda status: status == "degraded")
            sandbox.faults.release()
            blocked = await eventually(
                lambda: told_of(vendor, replica, "key-1"), lambda told: told.state == "WAITING"
            )
            await refused(vendor, replica, "key-2", other)
        await recorder.wait_until_ended(clients, ["key-1"])
        await eventually(replica.ready, lambda status: status == "ready")
        await recorder.upgrade(replica.name, replica.client, "key-2", other)

    assert blocked.operation is not None
    assert "does not accept writes" in blocked.operation["waitingFor"]
    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=2)
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_a_full_disk_ends_no_operation_and_it_goes_on_when_there_is_space(
    vendor: Vendor, small_disk: Path
) -> None:
    """T2, T3"""
    environ = short_backoff_environment(vendor.url, f"sqlite:///{small_disk}/operations.db")
    async with running_replica(environ, lease_s=5) as replica:
        await bought_meanwhile(vendor, replica, full(small_disk))


async def test_a_database_turned_read_only_ends_no_operation(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    """T2"""
    url = postgres.new_database()
    async with running_replica(short_backoff_environment(vendor.url, url), lease_s=5) as replica:
        await bought_meanwhile(vendor, replica, postgres.read_only(url))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_stopped_server_ends_no_operation_and_is_logged_once_a_minute(
    vendor: Vendor, postgres: PostgresServer, tmp_path: Path, mode: str
) -> None:
    """T2, T13"""
    environ = {
        **short_backoff_environment(vendor.url, postgres.new_database()),
        "UPGRADE_GATEWAY_LOG_LEVEL": "warning",
    }
    log = tmp_path / "log"
    began = asyncio.get_running_loop().time()
    async with running_replica(environ, lease_s=5, log=log) as replica:
        await bought_meanwhile(vendor, replica, postgres.stopped(mode))
    minutes = 1 + (asyncio.get_running_loop().time() - began) // 60

    lines = log.read_text().splitlines()
    assert sum("operations are unavailable" in line for line in lines) <= minutes
    assert len(lines) <= 3 * minutes, lines


async def test_a_file_that_is_gone_is_missed_and_never_made_anew(
    vendor: Vendor, tmp_path: Path
) -> None:
    """T4"""
    sandbox, recorder = vendor.sandbox, vendor.recorder
    folder, away, other = tmp_path / "own", tmp_path / "away", tmp_path / "other.db"
    file = folder / "operations.db"
    wish, unwanted = pick_upgrades(sandbox, 2)
    async with running_replica(
        short_backoff_environment(vendor.url, f"sqlite:///{file}")
    ) as replica:
        await recorder.upgrade(replica.name, replica.client, "key-1", wish)
        folder.rename(away)
        folder.mkdir()
        deleted = await refused(vendor, replica, "key-2", unwanted)
        while_deleted = await replica.ready()
        left = list(folder.iterdir())
        shutil.copy(away / file.name, other)
        other.rename(file)
        replaced = await refused(vendor, replica, "key-2", unwanted)
        while_replaced = await replica.ready()
        file.unlink()
        folder.rmdir()
        away.rename(folder)
        await eventually(replica.ready, lambda status: status == "ready")
        await recorder.upgrade(replica.name, replica.client, "key-2", unwanted)
        await told_of(vendor, replica, "key-1")

    assert (deleted.operation, replaced.operation, left) == (None, None, [])
    assert (while_deleted, while_replaced) == ("degraded", "degraded")
    assert recorder.find_contradictions() == []
    assert recorder.count_outcomes() == Counter(DONE=2)


async def test_what_may_be_recorded_is_not_told_to_be_unsent(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    """T7"""
    sandbox, recorder = vendor.sandbox, vendor.recorder
    url = postgres.new_database()
    environ = short_backoff_environment(vendor.url, url, operations__store_timeout_s=2)
    (wish,) = pick_upgrades(sandbox, 1)
    # Its lease is not renewed meanwhile, which would show that the database lives.
    async with running_replica(environ, "a", lease_s=10 * HANG_TIMEOUT_S) as a:
        await eventually(a.ready, lambda status: status == "ready")
        with postgres.connected(url) as connection, connection.transaction():
            connection.execute("LOCK TABLE upgrade_gateway.operations IN EXCLUSIVE MODE")
            told = await recorder.upgrade("a", a.client, "key-1", wish)
            sandbox.faults.add(HOLD_UPGRADES)
        await sandbox.calls.wait_until(lambda calls: bool(calls.running("perform_upgrade")))
        await a.kill()
    sandbox.faults.release()
    async with running_replica(environ, "b") as b:
        await recorder.wait_until_ended({"b": b.client}, ["key-1"])
        again = await recorder.upgrade("b", b.client, "key-1", wish)

    assert told is not None
    assert told.operation is None
    assert "may be recorded" in told.errors[0]["message"]
    assert "same idempotency key" in told.errors[0]["message"]
    assert again is not None
    assert again.state == "DONE"
    assert recorder.find_contradictions() == []
    assert set(sandbox.world.upgrades_performed.values()) == {1}


async def test_sessions_that_ended_while_nothing_was_asked_refuse_nothing(
    vendor: Vendor, postgres: PostgresServer
) -> None:
    """T8"""
    url = postgres.new_database()
    sandbox, recorder = vendor.sandbox, vendor.recorder
    wishes = pick_upgrades(sandbox, 3)

    def break_off(number: int) -> None:
        if number == 0:
            postgres.end_sessions(url)
        else:
            with postgres.stopped(("fast", "immediate")[number % 2]):
                pass

    found = []
    async with running_replica(short_backoff_environment(vendor.url, url), "a") as a:
        for number, wish in enumerate(wishes):
            await eventually(a.ready, lambda status: status == "ready")
            break_off(number)
            told = await recorder.upgrade("a", a.client, f"key-{number}", wish)
            found.append((told and told.state, await a.ready()))

    assert found == [("DONE", "ready")] * 3
    assert recorder.find_contradictions() == []
