import contextlib
import sqlite3
from pathlib import Path

import pytest

from gateway.operations.store import Store, StoreUnavailable


def store_at(path: Path) -> Store:
    return Store.at(f"sqlite:///{path}")


@pytest.mark.parametrize(
    "url",
    ["", "file.db", "sqlite://", "mysql://host/name", "postgresql://host", "sqlite:///"],
)
def test_an_address_of_no_database_of_ours_says_what_was_expected(url: str) -> None:
    with pytest.raises(ValueError, match="expected sqlite:///path"):
        Store.at(url)


def test_the_address_is_not_printed_with_its_password() -> None:
    assert "secret" not in repr(Store.at("postgresql://user:secret@host/name"))


def test_a_prepared_file_can_be_written(tmp_path: Path) -> None:
    store = store_at(tmp_path / "new" / "operations.db")
    store.prepare()
    store.probe()


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
    with pytest.raises(StoreUnavailable, match="is gone"):
        store_at(tmp_path / "operations.db").probe()


def test_a_locked_file_is_unavailable_while_it_is_locked(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    store.prepare()
    with contextlib.closing(sqlite3.connect(tmp_path / "operations.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.probe()
    store.probe()


def test_a_name_belongs_to_one_process_at_a_time(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    first, second = store.take_slot(), store.take_slot()
    assert (first.name, second.name) == ("slot-0", "slot-1")
    first.release()
    assert store.take_slot().name == "slot-0"


def test_what_nobody_holds_any_more_is_taken_over(tmp_path: Path) -> None:
    store = store_at(tmp_path / "operations.db")
    slots = [store.take_slot() for _ in range(3)]
    slots[0].release()
    slots[2].release()
    own = store.take_slot()
    assert own.name == "slot-0"
    assert [slot.name for slot in store.left_slots()] == ["slot-2"]


def test_postgres_needs_no_file() -> None:
    store = Store.at("postgresql://user@host/name")
    store.prepare()
    store.probe()
    assert store.take_slot().name == "gateway"
    assert store.left_slots() == []


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "operations.db"
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE dbos_migrations (version INTEGER)")
        other.execute("INSERT INTO dbos_migrations VALUES (100000)")
    with pytest.raises(StoreUnavailable, match="newer version"):
        store_at(path).prepare()
