"""PgBouncer in front of a PostgreSQL server of the tests."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pytest

from tests.support.postgres import PostgresServer

_PROGRAM: Final = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")
_CONFIGURATION: Final = """
[databases]
* = host={server}
[pgbouncer]
unix_socket_dir = {folder}
listen_port = 6432
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {sessions}
log_connections = 0
log_disconnections = 0
"""

needs_pgbouncer = pytest.mark.skipif(_PROGRAM is None, reason="PgBouncer is not installed")


@contextlib.contextmanager
def running_pgbouncer(
    server: PostgresServer, mode: Literal["session", "transaction"], *, sessions: int = 20
) -> Iterator[Path]:
    """Start it with so many sessions to each database; yields the folder of its socket."""
    assert _PROGRAM is not None
    with tempfile.TemporaryDirectory(prefix="pgb-") as text:
        folder = Path(text)
        written = _CONFIGURATION.format(
            server=server.folder, folder=folder, mode=mode, sessions=sessions
        )
        (folder / "pgbouncer.ini").write_text(written)
        (folder / "users").write_text('"postgres" ""\n')
        if server.user is not None:
            for each in (folder, *folder.iterdir()):
                shutil.chown(each, server.user)
        pooler = subprocess.Popen(  # noqa: S603 - a program of the machine
            [_PROGRAM, folder / "pgbouncer.ini"],
            user=server.user,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert pooler.stderr is not None
        with pooler:
            logged = []
            for line in pooler.stderr:
                logged.append(line)
                if "process up" in line:
                    break
            else:
                pytest.fail("".join(logged))
            try:
                yield folder
            finally:
                pooler.kill()
