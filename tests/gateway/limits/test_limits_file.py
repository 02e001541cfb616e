from pathlib import Path

import pytest

from gateway.limits.limits_file import open_limits_file
from gateway.settings import LimitNumbers, LimitsSettings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "limits.toml"


def read(path: Path, text: str, **others: int) -> LimitNumbers:
    path.write_text(text)
    file = open_limits_file(LimitsSettings.model_validate({"file": path, **others}))
    assert file is not None
    return file.current()


def test_there_is_no_file_without_the_setting() -> None:
    assert open_limits_file(LimitsSettings()) is None


def test_numbers_that_are_not_in_the_file_come_from_the_settings(path: Path) -> None:
    assert read(path, "max_depth = 5", max_depth=7, max_aliases=3) == LimitNumbers(
        max_depth=5, max_aliases=3
    )


def test_an_empty_file_changes_nothing(path: Path) -> None:
    assert read(path, "", max_depth=7) == LimitNumbers(max_depth=7)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("max_depth = ", "Invalid value"),
        ("max_dept = 5", "max_dept: Extra inputs are not permitted"),
        ("max_depth = 0", "max_depth: Input should be greater than or equal to 1"),
        ('max_depth = "deep"', "max_depth: Input should be a valid integer"),
        ('file = "others.toml"', "file: Extra inputs are not permitted"),
    ],
)
def test_an_invalid_file_is_an_error_with_the_reason(path: Path, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=rf"^limits\.file: '.*limits\.toml': {reason}"):
        read(path, text)
