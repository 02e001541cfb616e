import pytest

from gateway.operations.opening import store_at
from gateway.operations.postgres_store import PostgresStore
from gateway.operations.sqlite_store import SQLiteStore
from tests.support.waiting import PATIENT


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file.db",
        "sqlite://",
        "mysql://host/name",
        "postgresql://host",
        "postgresql://host:port/name",
        "postgresql://one:1,other:2/name",
        "sqlite:///",
    ],
)
def test_an_address_of_no_database_of_ours_says_what_was_expected(url: str) -> None:
    with pytest.raises(ValueError, match="database_url: expected sqlite:///path"):
        store_at(url, PATIENT)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:///operations.db", SQLiteStore),
        ("postgresql://host/name", PostgresStore),
        ("postgresql+psycopg://host/name", PostgresStore),
    ],
)
def test_an_address_says_which_store(url: str, kind: type) -> None:
    assert isinstance(store_at(url, PATIENT), kind)


def test_the_address_is_not_printed_with_its_password() -> None:
    assert "secret" not in repr(store_at("postgresql://user:secret@host/name", PATIENT))
