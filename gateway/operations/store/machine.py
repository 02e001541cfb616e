"""Whether a process of this machine has ended, according to the operating system.

This is known at once, while a lease expires only after its duration. It requires that both
processes see the same process ids.
"""

import os
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_BOOT_ID: Final = _PROC / "sys/kernel/random/boot_id"
_START_TIME: Final = 19  # index in /proc/PID/stat after the name, see proc(5)


def own_identity() -> str:
    """Return a text that identifies this process on this machine; empty if that is unknown.

    It has the ids of the boot, the PID namespace and the process, and the start time.
    """
    try:
        boot, namespace = _BOOT_ID.read_text().strip(), (_PROC / "self/ns/pid").readlink()
        return f"{boot} {namespace} {os.getpid()} {_read_start_time(os.getpid())}"
    except OSError:
        return ""


def is_gone(identity: str, *, is_on_this_machine: bool) -> bool:
    """Whether a process has certainly ended.

    Args:
        identity: the text that the process got from `own_identity`.
        is_on_this_machine: whether it can only have run on this machine; it has then ended if the
            machine was rebooted since.
    """
    own, other = own_identity().split(), identity.split()
    if not own or not other:
        return False
    if own[0] != other[0]:
        return is_on_this_machine
    return own[1] == other[1] and _read_start_time(int(other[2])) != other[3]


def _read_start_time(pid: int) -> str | None:
    """Return when a process started, in clock ticks since the boot; None if it has ended."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[_START_TIME]
