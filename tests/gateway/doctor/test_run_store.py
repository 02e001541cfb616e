"""The doctor's findings about the operations database, in which it leaves nothing."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from gateway.doctor.findings import Finding, Outcome
from gateway.doctor.run import check_store
from gateway.settings import Settings
from gateway.settings.sections import OperationsSettings
from tests.support.postgres import PostgresServer
from tests.support.waiting import HANG_TIMEOUT_S


async def found(url: str) -> Finding:
    operations = OperationsSettings(store_timeout_s=HANG_TIMEOUT_S)
    return await check_store(Settings(database_url=url, operations=operations))


def names_in(folder: Path) -> list[str]:
    return [found.name for found in folder.iterdir()]


@pytest.mark.parametrize("folders", ["", "new/folder/"], ids=["here", "in a folder to be made"])
async def test_a_file_that_could_be_made_is_not_made(tmp_path: Path, folders: str) -> None:
    assert (await found(f"sqlite:///{tmp_path}/{folders}a.db")).outcome is Outcome.PASSED
    assert names_in(tmp_path) == []


async def test_a_file_that_is_there_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE kept (a)")
    file.close()
    path.chmod(0o644)
    before = path.read_bytes()
    assert (await found(f"sqlite:///{path}")).outcome is Outcome.PASSED
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (before, 0o644)
    assert names_in(tmp_path) == ["a.db"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("letter", "not a database"), ("letter/a.db", "Not a directory")],
    ids=["no database", "no folder"],
)
async def test_an_unusable_file_is_reported(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "letter").write_text("a letter, and a long one too, not a database")
    finding = await found(f"sqlite:///{tmp_path}/{name}")
    assert (finding.outcome, message in finding.detail) == (Outcome.FAILED, True)
    assert "set database_url to another database" in finding.detail


async def test_an_unreachable_server_is_reported_on_one_line_without_the_password() -> None:
    finding = await found("postgresql://user:secret@127.0.0.1:1/name")
    assert finding.outcome is Outcome.FAILED
    assert "refused" in finding.detail
    assert "Check that the server is running" in finding.detail
    assert "\n" not in finding.detail
    assert "secret" not in repr(finding)


async def test_an_invalid_url_is_an_error_that_does_not_show_it() -> None:
    finding = await found("mysql://user:secret@host/name")
    assert (finding.outcome, "expected sqlite:///" in finding.remedy) == (Outcome.FAILED, True)
    assert "secret" not in repr(finding)


async def test_a_server_is_connected_to_and_left_without_tables(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    assert (await found(url)).outcome is Outcome.PASSED
    with psycopg.connect(url) as connection:
        schemas = connection.execute("SELECT to_regnamespace('upgrade_gateway')").fetchone()
    assert schemas == (None,)
