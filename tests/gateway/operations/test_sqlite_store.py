import contextlib
import sqlite3
import stat
import time
from pathlib import Path

import pytest

from gateway.operations.sqlite_store import SQLiteStore
from gateway.operations.store import StoreUnavailable
from tests.support.waiting import NEVER_S


def store_at(path: Path) -> SQLiteStore:
    return SQLiteStore(f"sqlite:///{path}", path)


def test_a_prepared_file_can_be_written(tmp_path: Path) -> None:
    store = store_at(tmp_path / "new" / "operations.db")
    store.prepare()
    store.probe(lock_within_s=0.01)


def test_what_was_bought_is_for_nobody_elses_eyes(tmp_path: Path) -> None:
    path = tmp_path / "operations.db"
    store_at(path).prepare()
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE bought (what)")
        modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in tmp_path.iterdir()}
    assert modes == dict.fromkeys(
        ("operations.db", "operations.db-wal", "operations.db-shm"), 0o600
    )


def test_a_folder_that_is_no_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be recorded in"):
        store_at(tmp_path / "file" / "operations.db").prepare()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "operations.db"
    path.write_text("this is a letter, and a long one too, not a database")
    with pytest.raises(StoreUnavailable, match="not a database"):
        store_at(path).prepare()


def test_a_file_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    for ask in (
        lambda: store.probe(lock_within_s=0.01),
        lambda: store.preview_key(b"key"),
        lambda: store.ids_on("subject"),
    ):
        with pytest.raises(StoreUnavailable, match="is gone"):
            ask()
    assert list(tmp_path.iterdir()) == []


def test_a_locked_file_is_unavailable_while_it_is_locked(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    store.prepare()
    with contextlib.closing(sqlite3.connect(tmp_path / "operations.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.probe(lock_within_s=0.01)
    store.probe(lock_within_s=NEVER_S)


def test_a_name_belongs_to_one_process_at_a_time(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    first, second = store.take_name(), store.take_name()
    assert (first.name, second.name) == ("slot-0", "slot-1")
    first.release()
    assert store.take_name().name == "slot-0"


def test_what_nobody_holds_any_more_is_taken_over(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    slots = [store.take_name() for _ in range(3)]
    slots[0].release()
    slots[2].release()
    own = store.take_name()
    assert own.name == "slot-0"
    assert [slot.name for slot in store.left_names()] == ["slot-2"]


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "operations.db"
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE dbos_migrations (version INTEGER)")
        other.execute("INSERT INTO dbos_migrations VALUES (100000)")
    with pytest.raises(StoreUnavailable, match="newer version"):
        store_at(path).prepare()


def test_a_folder_that_may_not_be_written_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="this user may write"):
        store_at(Path("/proc/operations.db")).prepare()


def test_tables_that_date_their_rows_work_with_every_sqlite(tmp_path: Path) -> None:
    store = store_at(tmp_path / "dated.db")
    connect = store.engine_options["connect_args"]["factory"]
    with contextlib.closing(connect(store.path)) as connection:
        connection.execute("CREATE TABLE dated (at INTEGER DEFAULT (unixepoch('subsec') * 1000))")
        connection.execute("INSERT INTO dated DEFAULT VALUES")
        ((at,),) = connection.execute("SELECT at FROM dated").fetchall()
    assert abs(at / 1000 - time.time()) < NEVER_S
