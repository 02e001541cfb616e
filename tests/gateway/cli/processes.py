"""Runs the command line as its users do: another process, ended by a signal."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.long_timeouts import long_timeout_environment
from tests.support.secrets import assert_no_secret
from tests.support.waiting import HANG_TIMEOUT_S

COMMAND = [sys.executable, "-m", "gateway"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


def run(*arguments: str, **environ: str) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        env=_environment(environ),
        capture_output=True,
        text=True,
        timeout=HANG_TIMEOUT_S,
        check=False,
    )
    assert_no_secret(done.stderr)
    return Ended(done.returncode, done.stdout, done.stderr)


class Running:
    """A process that serves; `announced` is what it has printed when it is ready."""

    def __init__(self, process: subprocess.Popen[str], announced: str) -> None:
        self._process = process
        self.announced = announced

    def address(self, name: str) -> str:
        """The address that was announced after `name`."""
        return self.announced.partition(f"{name} at ")[2].split()[0]

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self, number: signal.Signals) -> Ended:
        """Send a signal and wait for the end."""
        self.send(number)
        return self.ended()

    def ended(self) -> Ended:
        """Wait for the end."""
        out, err = self._process.communicate(timeout=HANG_TIMEOUT_S)
        assert_no_secret(err)
        return Ended(self._process.returncode, self.announced + out, err)


@contextlib.contextmanager
def running(*arguments: str, **environ: str) -> Iterator[Running]:
    """Start a command that serves, and wait for its last line before it does."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        env=_environment(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Running(process, _announcement(process))
        finally:
            if process.poll() is None:
                process.kill()


def _announcement(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if line.startswith("Press Ctrl+C"):
            return "".join(lines)
    raise AssertionError(f"ended before it served: {process.communicate()[1]}")


def _environment(own: dict[str, str] | Sequence[tuple[str, str]]) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("UPGRADE_GATEWAY_")}
    return {**kept, **long_timeout_environment(), "PYTHONUNBUFFERED": "1", **dict(own)}
