"""Processes that benches start, and what these use. Linux only: figures are read from /proc."""

import contextlib
import http.client
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benches.cores import Cores, running_on

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_MIB: Final = 1024 * 1024
_NEVER_S: Final = 300.0
"""What has not come to be by then hangs, however slow the machine is."""


@dataclass(frozen=True, slots=True)
class Process:
    """A command with all it started, which share its session."""

    popen: subprocess.Popen[bytes]

    def cpu_s(self) -> float:
        """CPU seconds used so far, user and system, by all threads that still run.

        To the nanosecond, where /proc/PID/stat counts in steps of 10 ms.
        """
        threads = (path for folder in self._folders() for path in folder.glob("task/*/schedstat"))
        return sum(int(text.split()[0]) for text in map(_read, threads) if text) / 1e9

    def resident_mib(self) -> float:
        """Memory in use now."""
        texts = (_read(folder / "statm") for folder in self._folders())
        return sum(int(text.split()[1]) for text in texts if text) * _PAGE_BYTES / _MIB

    def _folders(self) -> Iterator[Path]:
        """Yield the folder in /proc of every process of the session."""
        for folder in Path("/proc").glob("[0-9]*"):
            fields = _read(folder / "stat").rpartition(")")[2].split()
            if fields and int(fields[3]) == self.popen.pid:
                yield folder


def _read(path: Path) -> str:
    """Read a file of /proc; it is empty when its process has ended meanwhile."""
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""


@contextlib.contextmanager
def process(
    command: Sequence[str], cores: Cores, environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a command in a session of its own until the block ends."""
    with running_on(cores):
        started = subprocess.Popen(
            command,
            env={**os.environ, **(environ or {})},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield Process(started)
    finally:
        started.terminate()
        started.wait()


def module(*command: str) -> list[str]:
    """Name a Python module and its arguments as a command."""
    return [sys.executable, "-m", *command]


def filled(command: str, **places: object) -> list[str]:
    """Split a command as a shell would, with `{port}` and the like filled in."""
    return [part.format(**places) for part in shlex.split(command)]


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str) -> bytes:
    """Read what a server on this machine has at a path, whatever the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_NEVER_S)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read()


def until_answering(started: Process, port: int, *, within_s: float = _NEVER_S) -> None:
    """Ask for `/` until something answers, whatever it says."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            get(port, "/")
            return
        if (code := started.popen.poll()) is not None:
            raise RuntimeError(f"{started.popen.args!r} ended with {code} before it answered")
        time.sleep(0.02)
    raise TimeoutError(f"Nothing answered on port {port} within {within_s:g} s")
