import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GIT = shutil.which("git")


def listed(*command: str) -> set[Path]:
    """Run a command that prints a path on each line."""
    done = subprocess.run(  # noqa: S603 - ruff and git
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {ROOT / line for line in done.stdout.splitlines()}


@pytest.mark.skipif(GIT is None or not (ROOT / ".git").exists(), reason="not a clone")
def test_ruff_checks_every_python_file_of_the_repository() -> None:
    committed = listed(str(GIT), "ls-files", "*.py")
    checked = listed(sys.executable, "-m", "ruff", "check", "--show-files")
    assert {each for each in committed if each.exists()} <= checked
