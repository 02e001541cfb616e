"""Operations in PostgreSQL, which several replicas can share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.lazy_sqlalchemy import sqlalchemy
from gateway.operations.store.postgres_url import parse_postgres_url
from gateway.settings.masking import mask_secrets, mask_url
from gateway.settings.validators import find_passwords

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SCHEMA: Final = "upgrade_gateway"
_POOL_SIZE: Final = 12
_SCHEMA_LOCK: Final = 0x7570_6772_6164_6500  # any number that no other program locks
# Every process of the previous version holds an advisory lock, whose number cannot be predicted.
_OTHER_LOCKS: Final = f"""
SELECT 1 FROM pg_locks
WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32 | objid::bigint) <> {_SCHEMA_LOCK}
"""  # noqa: S608
# Either side notices within seconds that the other machine is gone; the defaults are hours.
_KEEPALIVES: Final = {
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
# Set by statements, because poolers reject startup options. The idle timeout ends transactions of
# stalled processes, which would keep their locks for ever.
_CONFIGURATION: Final = """
SET {scope} tcp_keepalives_idle = 5; SET {scope} tcp_keepalives_interval = 2;
SET {scope} tcp_keepalives_count = 3; SET {scope} lock_timeout = {lock_timeout_ms};
SET {scope} idle_in_transaction_session_timeout = {idle_ms}
"""
_MIN_IDLE_MS: Final = 1000  # a busy machine pauses between two statements too
# With SQL_ASCII the server does not convert texts, and this client only writes UTF-8.
_ENCODINGS: Final = ("UTF8", "SQL_ASCII")
_IS_POOLED: Final = "is_pooled"
_READ_ONLY: Final = "25006"
_INSUFFICIENT_PRIVILEGE: Final = "42501"


class PostgresDatabase:
    """Implements `Database` for one PostgreSQL database.

    Args:
        url: the URL; its parameters take precedence over the arguments below.
        connect_timeout_s: how long connecting may take; libpq's minimum is 2 s.
        lock_timeout_s: how long a statement waits for a lock.

    Raises:
        ValueError: the URL cannot be used; the text says why, without its password.
    """

    schema = f"{_SCHEMA}."
    old_schema = "dbos."
    for_update = " FOR UPDATE"
    for_share = " FOR SHARE"
    skip_locked = " FOR UPDATE SKIP LOCKED"
    now = "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
    writers = 8
    is_local = False

    def __init__(self, url: str, *, connect_timeout_s: float, lock_timeout_s: float) -> None:
        parameters = parse_postgres_url(url)
        has_several_hosts = "," in parameters.get("hostaddr", parameters.get("host", ""))
        self._parameters: dict[str, Any] = {
            **_KEEPALIVES,
            "connect_timeout": max(2, math.ceil(connect_timeout_s)),
            # Connects to the primary, whichever host it is after a failover.
            **({"target_session_attrs": "read-write"} if has_several_hosts else {}),
            **parameters,
            "client_encoding": "UTF8",
        }
        self._secrets = find_passwords(url)
        self._masked_url = mask_url(url)
        self._lock_timeout_ms = max(1, round(lock_timeout_s * 1000))

    def __repr__(self) -> str:
        return f"PostgresDatabase({self._masked_url!r})"

    def is_missing(self) -> bool:
        """Return False: the gateway does not create PostgreSQL databases."""
        return False

    def connect(self, *, is_dry_run: bool) -> Engine:
        """Create a connection pool. It connects when needed, also after a connection was lost."""
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://",
            connect_args=self._parameters,
            isolation_level="READ COMMITTED",  # the database may have another default
            pool_size=_POOL_SIZE,
            max_overflow=0,
        )
        sqlalchemy.event.listen(engine, "connect", self._configure)
        sqlalchemy.event.listen(engine, "begin", self._begin)
        sqlalchemy.event.listen(engine, "handle_error", _drop_read_only)
        return engine

    def _configure(self, connection: Any, record: Any) -> None:
        """Configure a session, unless a pooler shares it between clients."""
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        # Poolers report an invented process id when a client connects.
        record.info[_IS_POOLED] = row[0] != connection.info.backend_pid
        if record.info[_IS_POOLED]:
            connection.prepare_threshold = None
        else:
            connection.execute(self._configuration("SESSION"))
        connection.commit()

    def _begin(self, connection: Connection) -> None:
        if connection.info[_IS_POOLED]:
            connection.exec_driver_sql(self._configuration("LOCAL"))

    def _configuration(self, scope: str) -> str:
        limit_ms = self._lock_timeout_ms
        return _CONFIGURATION.format(
            scope=scope, lock_timeout_ms=limit_ms, idle_ms=max(_MIN_IDLE_MS, limit_ms // 2)
        )

    def lock_setup(self, connection: Connection) -> None:
        """Wait until no other replica is creating tables."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding not in _ENCODINGS:
            raise StoreUnavailable(
                f"Operations cannot be stored in '{self._masked_url}': its encoding {encoding}"
                " lacks characters that operations may have. Create a database with encoding UTF8."
            )

    def has_tables(self, connection: Connection) -> bool:
        query = f"SELECT to_regclass('{_SCHEMA}.version')"
        return connection.exec_driver_sql(query).scalar() is not None

    def create_schema(self, connection: Connection) -> None:
        """Create the schema if it is missing.

        CREATE SCHEMA IF NOT EXISTS would need the right to create one even if it exists.
        """
        query = f"SELECT to_regnamespace('{_SCHEMA}')"
        if connection.exec_driver_sql(query).scalar() is None:
            connection.exec_driver_sql(f"CREATE SCHEMA {_SCHEMA}")

    def has_previous_version(self, connection: Connection) -> bool:
        """Whether the database has tables of the previous version.

        A process of that version holds an advisory lock while it runs.
        """
        query = "SELECT to_regclass('dbos.workflow_input')"
        if connection.exec_driver_sql(query).scalar() is None:
            return False
        if connection.exec_driver_sql(_OTHER_LOCKS).first() is not None:
            raise StoreUnavailable(
                f"A gateway of the previous version seems to use '{self._masked_url}', because a"
                " session holds an advisory lock in it. Stop that gateway first."
            )
        return True

    def unusable_reason(self) -> str | None:
        """Return None: the server reports errors itself."""
        return None

    def explain(self, error: Exception) -> str:
        """Describe the error and its remedy, without the password."""
        cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
        reason = mask_secrets(str(cause).strip(), self._secrets)
        refused = f"Operations cannot be stored in '{self._masked_url}': {reason}"
        if getattr(cause, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE:
            statement = getattr(error, "statement", None) or ""
            return f"{refused}. Ask an administrator to execute: {self._build_grant(statement)}"
        if _is_read_only(cause):
            refused += "; the server is a standby, or this user may only read"
        if "unsupported startup parameter" in reason:
            refused += "; a connection pooler rejects this parameter, remove it from database_url"
        return (
            f"{refused}. Check that the server is running, that the database exists and that"
            " this user may create a schema in it, or set database_url to another database."
        )

    def _build_grant(self, statement: str) -> str:
        """Build the statement that grants the missing right.

        It follows from the failed statement: the server's text may be in any language.
        """
        to = f"TO {_quote(self._parameters.get('user', 'the user'))};"
        if statement.startswith("CREATE SCHEMA"):
            return f"GRANT CREATE ON DATABASE {_quote(self._parameters['dbname'])} {to}"
        if statement.startswith("ALTER TABLE"):
            return f"ALTER TABLE {statement.split()[2]} OWNER {to}"
        schema = "dbos" if self.old_schema in statement else _SCHEMA
        if "CREATE " in statement:
            return f"GRANT USAGE, CREATE ON SCHEMA {schema} {to}"
        rights = "SELECT" if self.old_schema in statement else "SELECT, INSERT, UPDATE, DELETE"
        return (
            f"GRANT USAGE ON SCHEMA {schema} {to}"
            f" GRANT {rights} ON ALL TABLES IN SCHEMA {schema} {to}"
        )


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_read_only(error: object) -> bool:
    return getattr(error, "sqlstate", None) == _READ_ONLY


def _drop_read_only(context: Any) -> None:
    """Close a session that is on a standby after a failover; the next one finds the primary."""
    if _is_read_only(context.original_exception):
        context.is_disconnect = True
