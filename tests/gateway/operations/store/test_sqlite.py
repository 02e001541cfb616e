"""Deleted, replaced, full and linked SQLite files, and their permissions."""

import asyncio
import contextlib
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from gateway.operations.store import sqlite
from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.factory import build_store
from gateway.operations.store.sql import SqlOperationStore
from tests.support.stores import make_record, open_store
from tests.support.waiting import LONG_TIMEOUTS

RECORD = make_record("key-1")
HASTY = replace(LONG_TIMEOUTS, lock_s=0.01)
ANOTHER = b"another file"
LETTER = "this is a letter, and a long one too, not a database"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "operations.db"


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


async def refusal_of(path: Path) -> str:
    """Why a store cannot be opened."""
    store = build_store(url_of(path), HASTY)
    try:
        with pytest.raises(StoreUnavailable) as raised:
            await store.open()
    finally:
        await store.close()
    return str(raised.value)


def modes(folder: Path) -> dict[str, int]:
    return {found.name: stat.S_IMODE(found.stat().st_mode) for found in folder.iterdir()}


def write_older(path: Path) -> None:
    """Make a file that everybody may read, as an older version or a user has made it."""
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE bought (what)")
    path.chmod(0o644)


@pytest.mark.parametrize("is_older", [False, True], ids=["a new file", "an older file"])
async def test_the_database_is_readable_by_its_owner_only(path: Path, is_older: bool) -> None:
    if is_older:
        await asyncio.to_thread(write_older, path)
    async with open_store(url_of(path)) as store:
        await store.record(RECORD, "one")
        found = modes(path.parent)
    assert found == dict.fromkeys(
        ("operations.db", "operations.db-wal", "operations.db-shm"), 0o600
    )


async def test_folders_are_created(path: Path) -> None:
    async with open_store(url_of(path.parent / "new" / "folder" / path.name)) as store:
        await store.record(RECORD, "one")


# The file, while it is open


def delete(path: Path) -> None:
    path.unlink()


def replace_it(path: Path) -> None:
    path.unlink()
    path.write_bytes(ANOTHER)


def delete_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("gone", [delete, replace_it, delete_its_folder])
async def test_a_deleted_file_is_detected_and_not_created_again(
    path: Path, gone: Callable[[Path], None]
) -> None:
    async with open_store(url_of(path)) as store:
        await store.record(RECORD, "one")
        await store.acquire_lease("one")
        gone(path)
        for ask in (
            lambda: store.record(make_record("key-2"), "one"),
            lambda: store.renew_lease("one"),
            lambda: store.get(RECORD.id),
        ):
            with pytest.raises(StoreUnavailable, match="deleted or replaced") as raised:
                await ask()
            assert not raised.value.may_be_stored
        found = await asyncio.to_thread(lambda: path.read_bytes() if path.exists() else None)
    assert found in {None, ANOTHER}
    assert (found is None) is (gone is not replace_it)


async def test_a_session_does_not_create_a_file_that_was_just_deleted(path: Path) -> None:
    async with open_store(url_of(path)) as store:
        engine = store._transactions._engine
        assert engine is not None
        engine.dispose()  # as when all sessions are in use, and another one is needed
        await asyncio.to_thread(path.unlink)
        with pytest.raises(OperationalError, match="unable to open"), engine.connect():
            pass
        assert not await asyncio.to_thread(path.exists)


async def test_a_restored_file_is_used_again(path: Path) -> None:
    away = path.with_name("away.db")
    async with open_store(url_of(path)) as store:
        await store.record(RECORD, "one")
        await asyncio.to_thread(path.rename, away)
        with pytest.raises(StoreUnavailable):
            await store.get(RECORD.id)
        await asyncio.to_thread(away.rename, path)
        assert await store.get(RECORD.id) is not None
        assert await store.record(make_record("key-2"), "one") is not None


async def test_a_commit_to_a_deleted_file_may_be_stored(path: Path) -> None:
    async with open_store(url_of(path)) as store:
        with pytest.raises(StoreUnavailable, match="deleted or replaced") as raised:
            await store._transactions.write(lambda run: path.unlink())
    assert raised.value.may_be_stored


async def test_a_symbolic_link_is_resolved(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(path)
    async with open_store(url_of(link)) as by_link, open_store(url_of(path)) as store:
        assert await by_link.record(RECORD, "one") is not None
        assert await store.record(RECORD, "two") is None
        assert [found.name for found in link.parent.iterdir()] == ["link.db"]
        link.unlink()
        link.symlink_to(tmp_path / "another.db")
        with pytest.raises(StoreUnavailable, match="deleted or replaced"):
            await by_link.get(RECORD.id)
        assert await store.get(RECORD.id) is not None


async def test_a_file_with_hard_links_is_refused_by_each_name(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    async with open_store(url_of(path)) as store:
        other.hardlink_to(path)
        for name in (path, other):
            assert "several names (hard links)" in await refusal_of(name)
        assert await store.record(RECORD, "one") is not None
    other.unlink()
    async with open_store(url_of(path)) as store:
        assert await store.get(RECORD.id) is not None


async def test_a_file_that_is_mounted_without_its_folder_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = path.with_name("mountinfo")
    line = "36 35 98:0 /data/operations.db {} rw,noatime shared:1 - ext4 /dev/root rw\n"
    mounts.write_text(line.format(path.parent))
    monkeypatch.setattr(sqlite, "_MOUNTS", mounts)
    async with open_store(url_of(path)):
        pass
    mounts.write_text(line.format(path))
    assert "Mount its folder instead" in await refusal_of(path)


async def test_a_device_and_a_folder_are_refused_and_keep_their_permissions(
    path: Path,
) -> None:
    folder = path.with_name("folder")
    folder.mkdir(mode=0o755)
    for each in (Path("/dev/null"), folder):
        mode = each.stat().st_mode
        assert "is not a regular file" in await refusal_of(each)
        assert each.stat().st_mode == mode


# The disk


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Mount a disk that can be filled."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:  # noqa: S603
        pytest.skip("only root may mount a disk")

    @contextlib.contextmanager
    def filled() -> Iterator[None]:
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * 512):
                pass
        yield
        filler.unlink()

    try:
        yield filled
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


@contextlib.contextmanager
def small_quota(folder: Path) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Let no file grow, as a quota does."""

    @contextlib.contextmanager
    def filled() -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        largest = max(found.stat().st_size for found in folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    yield filled


@pytest.mark.parametrize("small", [small_disk, small_quota])
async def test_a_full_disk_is_reported_and_loses_nothing(
    tmp_path: Path,
    small: Callable[
        [Path],
        contextlib.AbstractContextManager[Callable[[], contextlib.AbstractContextManager[None]]],
    ],
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small(folder) as filled:
        async with open_store(url_of(folder / "operations.db")) as store:
            await store.acquire_lease("one")
            acknowledged: list[str] = []
            refused: list[tuple[str, bool]] = []
            with filled():
                for number in range(2000):
                    record = make_record(f"key-{number}")
                    try:
                        await store.record(record, "one")
                        acknowledged.append(record.id)
                    except StoreUnavailable as error:
                        refused.append((record.id, error.may_be_stored))
                    if len(refused) == 5:
                        break
                with pytest.raises(StoreUnavailable, match="free space"):
                    await store.renew_lease("one")
                is_read = [await store.get(each) is not None for each in acknowledged]
            assert len(refused) == 5
            assert all(is_read)
            assert await store.renew_lease("one")
            assert await store.record(make_record("later"), "one") is not None
        async with open_store(url_of(folder / "operations.db")) as store:
            for each in acknowledged:
                assert await store.get(each) is not None
            for each, may_be_stored in refused:
                assert may_be_stored or await store.get(each) is None


# What cannot be opened


async def test_a_path_below_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be stored in" in await refusal_of(tmp_path / "file" / "operations.db")


async def test_a_file_that_is_not_a_database_is_unavailable(path: Path) -> None:
    await asyncio.to_thread(path.write_text, LETTER)
    assert "not a database" in await refusal_of(path)


async def test_a_read_only_folder_is_unavailable() -> None:
    assert "this user may write" in await refusal_of(Path("/proc/operations.db"))


async def test_a_locked_file_is_unavailable_while_it_is_locked(path: Path) -> None:
    async with open_store(url_of(path), HASTY) as store:
        await store.acquire_lease("one")
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked") as raised:
                await store.renew_lease("one")
            assert not raised.value.may_be_stored
            assert await store.get(RECORD.id) is None
            assert "locked" in await refusal_of(path)
        assert await store.renew_lease("one")


async def test_a_transaction_that_reads_first_does_not_lose_its_lock(path: Path) -> None:
    """SQLite refuses a reader that turns into a writer after another has written."""
    async with open_store(url_of(path)) as store, open_store(url_of(path)) as other:
        claim = await store.record(RECORD, "one")
        assert claim is not None

        async def acquire(process: SqlOperationStore) -> None:
            for _ in range(50):
                assert await process.acquire_subject(claim, RECORD.subject) is None

        await asyncio.gather(acquire(store), acquire(other))
