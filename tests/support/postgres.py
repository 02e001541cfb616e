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

from tests.support.waiting import HANG_TIMEOUT_S

_SUPERUSER: Final = "postgres"
# What is lost with the machine may be lost here, but nothing that is lost with the server alone.
_OPTIONS: Final = (
    "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=200"
)
_SESSIONS: Final = "FROM pg_stat_activity WHERE datname = %s"


@dataclass(frozen=True)
class PostgresServer:
    """A running server.

    Attributes:
        folder: of its socket and its data.
        programs: the folder of PostgreSQL's programs.
        user: whom it runs as, where it may not be this one.
    """

    folder: Path
    programs: Path
    user: str | None
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
    def connected(self, url: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """Connect to the database at an address, or to one that is always there."""
        with psycopg.connect(url or self.url("postgres"), autocommit=True) as connection:
            yield connection

    def end_sessions(self, url: str, application: str = "%") -> int:
        """End sessions of a database, as a failover does, and wait until they are gone.

        Args:
            application: whose sessions; of all applications by default.
        """
        ended = f"SELECT pg_terminate_backend(pid, {int(HANG_TIMEOUT_S * 1000)}) {_SESSIONS}"
        ended += " AND application_name LIKE %s"
        with self.connected() as connection:
            return len(connection.execute(ended.encode(), [_name(url), application]).fetchall())

    async def has_blocked_session(self) -> bool:
        """Whether a session waits for a lock."""
        with self.connected() as connection:
            found = connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            return found.fetchone() is not None

    def start(self) -> None:
        options = f"{_OPTIONS} -k {self.folder}"
        self._control("-o", options, "-l", self.folder / "log", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `fast` ends sessions in order, `immediate` is a crash."""
        self._control("-m", mode, "stop")

    @contextlib.contextmanager
    def stopped(self, mode: str = "fast") -> Iterator[None]:
        self.stop(mode)
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def read_only(self, url: str) -> Iterator[None]:
        """Let a database take no writes, as after a failover that was not noticed."""
        alter = f"ALTER DATABASE {_name(url)}"
        with self.connected() as connection:
            connection.execute(f"{alter} SET default_transaction_read_only = on".encode())
        self.end_sessions(url)
        try:
            yield
        finally:
            with self.connected() as connection:
                connection.execute(f"{alter} RESET default_transaction_read_only".encode())

    @contextlib.contextmanager
    def standby(self) -> Iterator["PostgresServer"]:
        """Start a copy of this server that takes no writes until it is promoted."""
        with _folder(self.user) as folder:
            copy = PostgresServer(folder, self.programs, self.user)
            source = ("-h", self.folder, "-U", _SUPERUSER)
            options = ("-D", folder / "data", "-R", "-X", "stream", "-c", "fast")
            _run(self.user, self.programs / "pg_basebackup", *source, *options)
            copy.start()
            try:
                yield copy
            finally:
                copy.stop("immediate")

    def _control(self, *command: str | Path) -> None:
        control = (self.programs / "pg_ctl", "-D", self.folder / "data", "-w")
        _run(self.user, *control, "-t", str(int(HANG_TIMEOUT_S)), *command)

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


def find_programs() -> Path | None:
    """Where PostgreSQL's programs are, if it is installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


@contextlib.contextmanager
def running_server(bin_folder: Path) -> Iterator[PostgresServer]:
    """Start a server, as another user where root would be refused; stop it afterwards."""
    user = _SUPERUSER if os.geteuid() == 0 else None
    with _folder(user) as folder:
        server = PostgresServer(folder, bin_folder, user)
        data = folder / "data"
        _run(user, bin_folder / "initdb", "-D", data, "-U", _SUPERUSER, "-A", "trust", "-N")
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


@contextlib.contextmanager
def _folder(user: str | None) -> Iterator[Path]:
    # Not under pytest's own folder, which another user may not enter; a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="pg-") as text:
        if user is not None:
            shutil.chown(text, user)
        yield Path(text)


def _name(url: str) -> str:
    """Return the name of the database at an address."""
    return url.partition("?")[0].rpartition("/")[2]


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
