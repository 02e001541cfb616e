"""A PostgreSQL server of the tests' own, on a socket in a temporary folder."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.support.waiting import NEVER_S

_SUPERUSER: Final = "postgres"
# What is lost with the machine may be lost here.
_OPTIONS: Final = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c max_connections=200"
)


@dataclass(frozen=True)
class PostgresServer:
    """A running server.

    Attributes:
        folder: of its socket and its data.
    """

    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        return f"postgresql://{_SUPERUSER}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"operations_{next(self.numbers)}_{uuid.uuid4().hex[:8]}"
        with self.connected() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    @contextlib.contextmanager
    def connected(self, database: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            yield connection

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the server and all its sessions hang, as a machine does that is out of memory."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in (pid, *map(int, children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, signal.SIGCONT)


def programs() -> Path | None:
    """Where PostgreSQL's programs are, if it is installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


@contextlib.contextmanager
def running_server(bin_folder: Path) -> Iterator[PostgresServer]:
    """Start a server, as another user where root would be refused; stop it afterwards."""
    # Not under pytest's own folder, which another user may not enter; a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="pg-") as text:
        folder = Path(text)
        user = _SUPERUSER if os.geteuid() == 0 else None
        if user is not None:
            shutil.chown(folder, user)
        server = PostgresServer(folder)
        data = folder / "data"
        _run(user, bin_folder / "initdb", "-D", data, "-U", _SUPERUSER, "-A", "trust", "-N")
        options = f"{_OPTIONS} -k {folder}"
        control = (bin_folder / "pg_ctl", "-D", data, "-w", "-t", str(int(NEVER_S)))
        _run(user, *control, "-o", options, "-l", folder / "log", "start")
        try:
            yield server
        finally:
            _run(user, *control, "-m", "immediate", "stop")


def _run(user: str | None, *command: str | Path) -> None:
    done = subprocess.run(  # noqa: S603 - programs of the machine
        [str(part) for part in command],
        user=user,
        check=False,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr
