"""What the doctor says of the file of limits."""

from pathlib import Path

import pytest

from gateway.doctor.findings import Outcome, Step
from gateway.doctor.limits import examine_limits
from gateway.settings import LimitsSettings


def test_without_a_file_there_is_nothing_to_say() -> None:
    assert examine_limits(LimitsSettings()) == []


@pytest.mark.parametrize(
    ("text", "outcome", "detail"),
    [
        ("max_depth = 5", Outcome.PASSED, "limits.toml' read"),
        ("max_depth = 0", Outcome.FAILED, "max_depth: Input should be greater"),
        (None, Outcome.FAILED, "cannot be read (No such file"),
    ],
    ids=["right", "wrong", "missing"],
)
def test_the_file_is_read(tmp_path: Path, text: str | None, outcome: Outcome, detail: str) -> None:
    file = tmp_path / "limits.toml"
    if text is not None:
        file.write_text(text, "utf-8")
    (finding,) = examine_limits(LimitsSettings(file=file))
    assert (finding.step, finding.outcome) == (Step.LIMITS_FILE, outcome)
    assert detail in finding.detail
