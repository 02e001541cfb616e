"""The unit of systemd."""

import configparser
import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from gateway.settings import Settings

UNIT: Final = Path(__file__).parents[2] / "deploy/systemd/upgrade-gateway.service"
ANALYZE: Final = shutil.which("systemd-analyze")
MAX_EXPOSURE: Final = 2.0  # of 10, as systemd-analyze computes it; the default is 9.6
# Inherited by programs that this one executes: prctl(2), PR_SET_MDWE. Linux 6.3 or later.
_SET_NO_EXECUTABLE_WRITES, _REFUSE_GAIN = 65, 1


def service() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT)
    return parser["Service"]


def run_analyze(*arguments: str | Path) -> str:
    done = subprocess.run(  # noqa: S603 - systemd's own tool
        [str(ANALYZE), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
def test_systemd_accepts_the_unit_and_rates_it_as_hardened(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    program = service()["ExecStart"].split()[0]
    copy.write_text(UNIT.read_text().replace(program, sys.executable))
    assert run_analyze("verify", copy) == ""
    rating = run_analyze("security", "--offline=true", "--no-pager", copy)
    found = re.search(r"exposure level for \S+ ([\d.]+)", rating)
    assert found is not None
    assert float(found[1]) <= MAX_EXPOSURE


def test_the_service_is_stopped_after_the_grace_period_of_the_gateway() -> None:
    assert int(service()["TimeoutStopSec"]) > Settings().operations.shutdown_grace_s


def refuse_executable_writes() -> None:
    ctypes.CDLL(None).prctl(_SET_NO_EXECUTABLE_WRITES, _REFUSE_GAIN, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_the_gateway_needs_no_memory_that_is_writable_and_executable() -> None:
    assert service()["MemoryDenyWriteExecute"] == "yes"
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor"],
        env={**os.environ, "UPGRADE_GATEWAY_PARTNER__BASE_URL": "http://127.0.0.1:9"},
        preexec_fn=refuse_executable_writes,
        capture_output=True,
        text=True,
        check=False,
    )
    # It loaded everything, and found that nothing listens there.
    assert "127.0.0.1:9" in done.stdout, done.stderr
