import asyncio
from pathlib import Path

import pytest

from gateway.operations.store.factory import build_store
from tests.support.waiting import LONG_TIMEOUTS


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///?mode=ro",
        "mysql://host/name",
        "postgresql://host",
        "host=host dbname=name",
    ],
)
def test_the_error_of_an_unsupported_url_says_what_was_expected(url: str) -> None:
    with pytest.raises(ValueError, match="database_url: expected sqlite:///path"):
        build_store(url, LONG_TIMEOUTS)


def test_the_error_of_an_invalid_postgresql_url_names_the_setting() -> None:
    with pytest.raises(ValueError, match=r"database_url: the parameter 'schema' is not supported"):
        build_store("postgres://host/name?schema=other", LONG_TIMEOUTS)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///%3Amemory%3A",
        "sqlite:///file::memory:?cache=shared",
        "sqlite:///file:name?mode=memory&uri=true",
        "sqlite:///name?mode=memory",
    ],
)
def test_a_database_in_memory_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="a database in memory"):
        build_store(url, LONG_TIMEOUTS)


async def test_a_path_in_a_url_is_decoded(tmp_path: Path) -> None:
    store = build_store(f"sqlite:///{tmp_path}/a%20b.db?timeout=5", LONG_TIMEOUTS)
    await store.open()
    await store.close()
    assert await asyncio.to_thread((tmp_path / "a b.db").exists)
