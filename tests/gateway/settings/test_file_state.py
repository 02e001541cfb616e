import os
from pathlib import Path

import pytest

from gateway.settings.file_state import file_state


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "named.toml"
    path.write_text("first")
    return path


def test_a_file_that_nobody_touched_is_the_same(file: Path) -> None:
    assert file_state(file) == file_state(file) is not None


def test_a_longer_text_is_another_state(file: Path) -> None:
    before = file_state(file)
    file.write_text("second")
    assert file_state(file) != before


def test_a_file_put_in_its_place_is_another_state_at_the_same_time_and_length(file: Path) -> None:
    before = file_state(file)
    times = file.stat()
    other = file.with_suffix(".new")
    other.write_text("third")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert file_state(file) != before


def test_a_file_that_is_not_there_has_no_state(tmp_path: Path) -> None:
    assert file_state(tmp_path / "missing.toml") is None
