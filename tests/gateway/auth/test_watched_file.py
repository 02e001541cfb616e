import os
from pathlib import Path

import pytest

from gateway.auth.customers_file import parse_customers
from gateway.auth.watched_file import WatchedFile
from tests.support.clock import FakeClock

ONE = '[customers]\nalice = ["A"]\n'
A = frozenset({"a"})
BOTH = '[customers]\nalice = ["A"]\nbob = ["*"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.toml"
    path.write_text(ONE)
    return path


def written(file: Path, text: str) -> None:
    """Change the file at another instant, however coarse the file system's clock is."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_a_changed_file_is_read_within_a_second(file: Path) -> None:
    clock = FakeClock()
    watched = WatchedFile(file, parse_customers, clock.monotonic)
    written(file, BOTH)

    assert watched.value() == {"alice": A}
    clock.now += 1
    assert watched.value() == {"alice": A, "bob": None}


def test_a_file_that_became_wrong_or_went_away_says_what_it_said_last(file: Path) -> None:
    clock = FakeClock()
    watched = WatchedFile(file, parse_customers, clock.monotonic)
    written(file, "[customers")
    clock.now += 1
    assert watched.value() == {"alice": A}

    file.unlink()
    clock.now += 1
    assert watched.value() == {"alice": A}

    file.write_text(BOTH)
    clock.now += 1
    assert watched.value()["bob"] is None


def test_an_unchanged_file_is_not_read_again(file: Path) -> None:
    clock = FakeClock()
    read: list[str] = []
    watched = WatchedFile(file, read.append, clock.monotonic)
    for _ in range(5):
        clock.now += 1
        watched.value()

    assert read == [ONE]


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing\.toml' cannot be read"):
        WatchedFile(tmp_path / "missing.toml", parse_customers, FakeClock().monotonic)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[customers", "Expected ']'"),
        ("", r"expected one table \[customers\]"),
        ("customers = 1", r"expected one table \[customers\]"),
        ("[customers]\n[others]", r"expected one table \[customers\]"),
        ('[customers]\nalice = "A"', "customers of 'alice' are a list"),
        ("[customers]\nalice = [1]", "customers of 'alice' are a list"),
    ],
)
def test_a_file_that_is_wrong_stops_the_start_and_says_where(
    file: Path, text: str, reason: str
) -> None:
    file.write_text(text)
    with pytest.raises(ValueError, match=rf"customers\.toml': .*{reason}"):
        WatchedFile(file, parse_customers, FakeClock().monotonic)


def test_a_file_that_is_not_text_stops_the_start(file: Path) -> None:
    file.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="codec"):
        WatchedFile(file, parse_customers, FakeClock().monotonic)
