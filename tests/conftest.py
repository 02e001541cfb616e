"""Every test runs with the gateway's own logging, and fails when that wrote a secret."""

import io
from collections.abc import Iterator

import pytest

from gateway.observability import logs
from tests.support.secrets import assert_no_secret


@pytest.fixture(scope="session")
def session_log() -> io.StringIO:
    """What was logged since the last test."""
    stream = io.StringIO()
    logs.configure("info", stream)
    return stream


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(session_log: io.StringIO) -> Iterator[None]:
    session_log.seek(0)
    session_log.truncate()
    yield
    assert_no_secret(session_log.getvalue())
