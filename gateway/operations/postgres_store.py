"""Operations in PostgreSQL, which many replicas share.

A name is new for every run of a process. It is held by an advisory lock of a session: the server
drops it when the process ends, and a few seconds after its machine has gone silent. A process that
only lost its connection takes its name again; what others took over from it meanwhile, DBOS lets
no longer be written by it.
"""

import contextlib
import hashlib
import math
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg.sql import SQL
from sqlalchemy import URL

from gateway.operations.late import migrations
from gateway.operations.newest import CREATED, PositionsKey, index_statements, positions_query
from gateway.operations.store import HeldName, StoreUnavailable
from gateway.settings.addresses import passwords_in
from gateway.settings.masking import masked, masked_url
from resolvers.ports.operations import Position

Connection = psycopg.Connection[TupleRow]

# How soon either side notices that the other's machine is gone; the defaults are hours.
_KEEPALIVES: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": (
        "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
        " -c lock_timeout=10s"
    ),
}
_PROBE: Final = SQL(
    "BEGIN; SET LOCAL lock_timeout = {lock_within_ms};"
    " LOCK TABLE dbos.workflow_status IN ROW EXCLUSIVE MODE; ROLLBACK"
)
_DEAD: Final = """
SELECT DISTINCT executor_id FROM dbos.workflow_status
WHERE status = 'PENDING' AND executor_id <> %s
"""
_INDEX: Final[tuple[LiteralString, ...]] = (
    """
    CREATE INDEX IF NOT EXISTS upgrade_gateway_subject
    ON dbos.workflow_status ((attributes ->> 'subject'), created_at) WHERE attributes IS NOT NULL
    """,
    "DROP INDEX IF EXISTS dbos.upgrade_gateway_customer",
    """
    CREATE TABLE IF NOT EXISTS dbos.upgrade_gateway_keys
    (name text PRIMARY KEY, secret bytea NOT NULL)
    """,
)
_TABLE: Final = "dbos.workflow_status"
# Of operations that were recorded without it: DBOS's own time, in milliseconds.
_CREATED: Final = f"coalesce((attributes ->> '{CREATED}')::bigint, created_at * 1000)"
_FIND_KEY: Final = "SELECT secret FROM dbos.upgrade_gateway_keys WHERE name = 'preview'"
# One statement, so that of two processes that find no key both return the first one's.
_KEEP_KEY: Final = """
INSERT INTO dbos.upgrade_gateway_keys AS kept (name, secret) VALUES ('preview', %s)
ON CONFLICT (name) DO UPDATE SET secret = kept.secret RETURNING secret
"""
_ON_SUBJECT: Final = """
SELECT workflow_uuid FROM dbos.workflow_status
WHERE attributes IS NOT NULL AND attributes ->> 'subject' = %s
ORDER BY created_at DESC
"""


class PostgresStore:
    """Fits `Store`; its methods may be called from several threads.

    Args:
        connect_within_s: how long a connection may take; two seconds are libpq's least.

    Raises:
        ArgumentError: SQLAlchemy's, for hosts and ports in the query that do not fit each other.
    """

    def __init__(self, url: URL, *, connect_within_s: float) -> None:
        self.url = url.render_as_string(hide_password=False)
        self._parameters = _connect_parameters(url)
        self._shown = masked_url(self.url)
        self._secrets = passwords_in(self.url)
        self._connect_within_s = max(2, math.ceil(connect_within_s))
        self._name = uuid.uuid4().hex
        # One session holds names, one asks, one probes: a lost name must not wait for a question,
        # and the time that many questions take is no trouble of the server.
        self._holding = Session(self._holding_name)
        self._asking = Session(self._connected)
        self._probing = Session(self._connected)

    @property
    def engine_options(self) -> dict[str, Any]:
        """None; DBOS's own suit PostgreSQL."""
        return {}

    def __repr__(self) -> str:
        return f"PostgresStore({self._shown!r})"

    def prepare(self) -> None:
        """Refuse a database that is missing, read-only, or a later DBOS's."""
        with self._explained(), self._asking.used() as connection:
            self._refuse_read_only(connection)
            self._refuse_newer(connection)

    def rehearse(self) -> None:
        """Prepare, which makes nothing."""
        self.prepare()

    def probe(self, lock_within_s: float) -> None:
        """Take the lock that writing takes."""
        # No time at all would be no limit to PostgreSQL.
        lock_within_ms = max(1, round(lock_within_s * 1000))
        with self._explained(), self._probing.used() as connection:
            self._refuse_read_only(connection)
            connection.execute(_PROBE.format(lock_within_ms=lock_within_ms))

    def take_name(self) -> HeldName:
        """Hold the name of this run."""
        self.keep_name()
        return HeldName(self._name, self._holding.close)

    def keep_name(self) -> None:
        """Ask on the session that holds it; where that is lost, the next asking makes another."""
        with self._explained(), self._holding.used() as connection:
            connection.execute("SELECT 1")

    def _holding_name(self) -> Connection:
        connection = self._connected()
        connection.execute("SELECT pg_advisory_lock(%s)", (_lock_key(self._name),))
        return connection

    def left_names(self) -> list[HeldName]:
        """Take the names in open operations that nobody holds."""
        with self._explained(), self._holding.used() as connection:
            names = [name for (name,) in connection.execute(_DEAD, (self._name,))]
            return [
                HeldName(name, partial(self._give_back, name))
                for name in names
                if _first(connection, "SELECT pg_try_advisory_lock(%s)", _lock_key(name))
            ]

    def _give_back(self, name: str) -> None:
        with self._explained(), self._holding.used() as connection:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_lock_key(name),))

    def index(self) -> None:
        """Index by subject and by the orders of lists, and make the table of keys."""
        with (
            self._explained(),
            self._asking.used() as connection,
            connection.transaction(),
        ):
            # IF NOT EXISTS fails where another process makes the same at the same time.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_key("tables"),))
            for statement in _INDEX:
                connection.execute(statement)
            for written in index_statements(_TABLE, _CREATED):
                connection.execute(written.encode())

    def ids_on(self, subject: str) -> list[str]:
        """Find them by the index."""
        with self._explained(), self._asking.used() as connection:
            return [each for (each,) in connection.execute(_ON_SUBJECT, (subject,))]

    def positions(self, key: PositionsKey) -> list[Position]:
        """Find them by an index."""
        query, parameters = positions_query(_TABLE, _CREATED, key)
        with self._explained(), self._asking.used() as connection:
            rows = connection.execute(with_named_parameters(query), parameters)
            return [(created, workflow_id) for created, workflow_id in rows]

    def preview_key(self, candidate: bytes) -> bytes:
        """Find the key, or keep the candidate."""
        with self._explained(), self._asking.used() as connection:
            found = _first(connection, _FIND_KEY)
            return bytes(found or _first(connection, _KEEP_KEY, candidate))

    def close(self) -> None:
        """Close what asks and what probes."""
        self._asking.close()
        self._probing.close()

    def _connected(self) -> Connection:
        options: dict[str, Any] = dict(_KEEPALIVES)
        return psycopg.connect(
            make_conninfo(**self._parameters),
            autocommit=True,
            connect_timeout=self._connect_within_s,
            **options,
        )

    def _refuse_read_only(self, connection: Connection) -> None:
        if _first(connection, "SELECT current_setting('transaction_read_only')") == "on":
            raise StoreUnavailable(
                f"'{self._shown}' is read-only: it is a standby, or this user may only read;"
                " set database_url to the primary and a user that may write"
            )

    def _refuse_newer(self, connection: Connection) -> None:
        """Refuse tables that a later DBOS has made, which this one would misread."""
        if _first(connection, "SELECT to_regclass('dbos.dbos_migrations')") is None:
            return
        version = _first(connection, "SELECT max(version) FROM dbos.dbos_migrations")
        known = len(migrations.get_dbos_migrations("dbos", True, False))
        if version is not None and version > known:
            raise StoreUnavailable(
                f"'{self._shown}' was written by a newer version of this gateway (its tables are"
                f" of version {version}, this one knows {known}); start that version, or set"
                " database_url to another database"
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise StoreUnavailable(
                f"operations cannot be recorded in '{self._shown}':"
                f" {masked(str(error).strip(), self._secrets)}; start that server, create the"
                " database for a user that may write, or set database_url"
                " to another one"
            ) from error


def _connect_parameters(url: URL) -> dict[str, Any]:
    """Read the URL as DBOS does, whose syntax differs from libpq's: its `+` stands for a blank."""
    address = url.set(drivername="postgresql+psycopg")
    _, parameters = address.get_dialect()().create_connect_args(address)
    return dict(parameters)


class Session:
    """A connection that is made when it is needed, and again when it was lost."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        # A connection serves one thread at a time.
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def used(self) -> Iterator[Connection]:
        """Lend the connection; one that fails is not lent again."""
        with self._lock:
            if self._connection is None:
                self._connection = self._connect()
            try:
                yield self._connection
            except BaseException:
                self._drop()
                raise

    def close(self) -> None:
        """End the session."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def with_named_parameters(query: str) -> bytes:
    """Write `:name` as psycopg does; `::type` is a cast."""
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", query).encode()


def _first(connection: Connection, query: LiteralString, *arguments: object) -> Any:
    """Return the first column of the only row."""
    row = connection.execute(query, arguments).fetchone()
    return None if row is None else row[0]


def _lock_key(name: str) -> int:
    """Name an advisory lock, whose names are signed numbers of 64 bits."""
    digest = hashlib.blake2b(name.encode(), digest_size=8, person=b"executor").digest()
    return int.from_bytes(digest, signed=True)
