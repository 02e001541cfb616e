import codecs
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.settings.reloading import ReloadingFile, file_state, read_text
from tests.support.clock import FakeClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "number.txt"
    path.write_text("1")
    return path


def written(file: Path, text: str) -> None:
    """Change the file at another instant, however coarse the file system's clock is."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_a_byte_order_mark_is_not_part_of_the_content(file: Path) -> None:
    file.write_text("3", "utf-8-sig")
    assert ReloadingFile(file, int).current() == 3


def test_a_changed_file_is_read_by_the_next_access(file: Path) -> None:
    watched = ReloadingFile(file, int)
    written(file, "2")
    assert watched.current() == 2


def test_an_invalid_or_missing_file_keeps_its_last_valid_content(file: Path) -> None:
    watched = ReloadingFile(file, int)
    with capture_logs() as logged:
        written(file, "two")
        assert (watched.current(), watched.is_current) == (1, False)

        file.unlink()
        assert (watched.current(), watched.is_current) == (1, False)

    wrong, gone = (each["reason"] for each in logged)
    assert "number.txt': invalid literal" in wrong
    assert gone == f"'{file}' cannot be read (No such file or directory)"

    file.write_text("2")
    assert (watched.current(), watched.is_current) == (2, True)


def test_a_reason_is_logged_once_for_each_change(file: Path) -> None:
    watched = ReloadingFile(file, int)
    with capture_logs() as logged:
        for text in ("two", "three", "4"):
            written(file, text)
            watched.current()
            watched.current()
    assert [each["log_level"] for each in logged] == ["error", "error", "info"]


def test_an_unchanged_file_is_not_read_again(file: Path) -> None:
    read: list[str] = []
    watched = ReloadingFile(file, read.append)
    for _ in range(5):
        watched.current()
    assert read == ["1"]


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing\.txt' cannot be read"):
        ReloadingFile(tmp_path / "missing.txt", int)


def test_a_file_that_is_not_text_stops_the_start(file: Path) -> None:
    file.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="expected text in UTF-8"):
        ReloadingFile(file, int)


def test_a_change_is_used_after_the_check_interval_and_not_before(file: Path) -> None:
    clock = FakeClock()
    watched = ReloadingFile(file, int, check_interval_s=1.0, monotonic=clock.monotonic)
    file.write_text("22")

    clock.now += 0.9
    assert watched.current() == 1
    clock.now += 0.1
    assert watched.current() == 22


def test_an_error_is_kept_until_the_file_is_valid_again(file: Path) -> None:
    watched = ReloadingFile(file, int)
    written(file, "two")
    assert not watched.is_current
    assert watched.error is not None
    assert "number.txt': invalid literal" in watched.error
    written(file, "3")
    assert watched.is_current
    assert watched.error is None


def test_an_untouched_file_has_the_same_state(file: Path) -> None:
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


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_text_does_not_contain_its_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(mark + "a = 'é'\r\n".encode())
    assert read_text(file) == "a = 'é'\r\n"


@pytest.mark.parametrize("content", [b"a = '\xe9'", "a = 1".encode("utf-16")])
def test_another_encoding_is_an_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="expected text in UTF-8, found byte 0x"):
        read_text(file)
