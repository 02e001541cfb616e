"""Processes that benches start, with their CPU time and memory from /proc (Linux only)."""

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

from benches.cores import Cores, pinned_to

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_MIB: Final = 1024 * 1024
_HANG_TIMEOUT_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Process:
    """A command with all processes of its session."""

    popen: subprocess.Popen[bytes]

    def cpu_s(self) -> float:
        """Return the CPU seconds, user and system, of all threads that are running.

        /proc/PID/schedstat counts nanoseconds; /proc/PID/stat counts in steps of 10 ms.
        """
        threads = (path for folder in self._folders() for path in folder.glob("task/*/schedstat"))
        return sum(int(text.split()[0]) for text in map(_read, threads) if text) / 1e9

    def resident_mib(self) -> float:
        texts = (_read(folder / "statm") for folder in self._folders())
        return sum(int(text.split()[1]) for text in texts if text) * _PAGE_BYTES / _MIB

    def _folders(self) -> Iterator[Path]:
        """Yield the folder in /proc of each process of the session."""
        for folder in Path("/proc").glob("[0-9]*"):
            fields = _read(folder / "stat").rpartition(")")[2].split()
            if fields and int(fields[3]) == self.popen.pid:
                yield folder


def _read(path: Path) -> str:
    """Read a file of /proc; empty if its process has ended."""
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""


@contextlib.contextmanager
def process(
    command: Sequence[str], cores: Cores, environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Run a command in its own session during the block."""
    with pinned_to(cores):
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
    """Return the command that runs a Python module."""
    return [sys.executable, "-m", *command]


def fill_command(command: str, **places: object) -> list[str]:
    """Split a command as a shell does, and replace placeholders such as `{port}`."""
    return [part.format(**places) for part in shlex.split(command)]


def free_port() -> int:
    """Return a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str) -> bytes:
    """Return the body of a path on a server of this machine, with any status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_HANG_TIMEOUT_S)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read()


def wait_until_listening(started: Process, port: int, *, within_s: float = _HANG_TIMEOUT_S) -> None:
    """Request `/` until there is a response, with any status."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            get(port, "/")
            return
        if (code := started.popen.poll()) is not None:
            raise RuntimeError(
                f"{started.popen.args!r} ended with code {code} before it responded."
            )
        time.sleep(0.02)
    raise TimeoutError(f"No response on port {port} within {within_s:g} s.")
