import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.operations.store import machine
from gateway.operations.store.machine import is_gone, own_identity

OWN = own_identity()
BOOT, NAMESPACE, PID, STARTED = OWN.split()


@pytest.mark.parametrize("is_on_this_machine", [True, False])
@pytest.mark.parametrize(
    ("identity", "is_certainly_gone"),
    [
        (OWN, False),
        ("", False),
        (f"{BOOT} {NAMESPACE} {PID} 1", True),
        (f"{BOOT} {NAMESPACE} 4194305 {STARTED}", True),
        (f"{BOOT} pid:[1] {PID} 1", False),
    ],
    ids=["this one", "unknown", "its id was reused", "no process", "in another container"],
)
def test_a_process_is_gone_if_the_operating_system_says_so(
    identity: str, is_certainly_gone: bool, is_on_this_machine: bool
) -> None:
    assert is_gone(identity, is_on_this_machine=is_on_this_machine) is is_certainly_gone


def test_processes_of_another_boot_are_gone_only_on_this_machine() -> None:
    other = f"00000000-0000-0000-0000-000000000000 {NAMESPACE} {PID} {STARTED}"
    assert is_gone(other, is_on_this_machine=True)
    assert not is_gone(other, is_on_this_machine=False)


def test_no_process_is_gone_if_the_system_does_not_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "_BOOT_ID", tmp_path / "missing")
    assert own_identity() == ""
    assert not is_gone(f"{BOOT} {NAMESPACE} {PID} 1", is_on_this_machine=True)


def test_a_child_is_gone_as_soon_as_it_has_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as child:
        identity = f"{BOOT} {NAMESPACE} {child.pid} {machine._read_start_time(child.pid)}"
        was_gone = is_gone(identity, is_on_this_machine=False)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert (was_gone, is_gone(identity, is_on_this_machine=False)) == (False, True)
