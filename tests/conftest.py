"""Fixtures for all tests: logs, which must contain no secrets, and databases."""

import io
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from gateway.observability import logs
from tests.support.postgres import PostgresServer, find_programs, running_server
from tests.support.secrets import assert_no_secret

# Tests must pass on slow machines.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


@pytest.fixture(scope="session")
def session_log() -> io.StringIO:
    """The log since the last test."""
    stream = io.StringIO()
    logs.configure("info", stream)
    return stream


@pytest.fixture(autouse=True)
def check_log_for_secrets(session_log: io.StringIO) -> Iterator[None]:
    session_log.seek(0)
    session_log.truncate()
    yield
    assert_no_secret(session_log.getvalue())


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    found = find_programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    with running_server(found) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database. The test runs once with each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/operations.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()
