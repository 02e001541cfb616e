"""The leases of replicas in PostgreSQL, as an operator sees them."""

from typing import Any, Final

from tests.support.postgres import PostgresServer
from tests.support.replicas import Replica

_OPEN: Final = "SELECT 1 FROM upgrade_gateway.operations WHERE ended IS NULL AND owner = %s"


async def find_lease(postgres: PostgresServer, url: str, replica: Replica) -> str | None:
    """Return the run of a replica that holds a lease; None if no run does."""
    found = "SELECT process FROM upgrade_gateway.leases WHERE identity LIKE %s"
    with postgres.connected(url) as connection:
        row: Any = connection.execute(found, [_pid(replica)]).fetchone()
    return None if row is None else str(row[0])


def revoke_lease(postgres: PostgresServer, url: str, replica: Replica) -> str:
    """Delete the lease of a replica and end all sessions; returns the run that held it."""
    deleted = "DELETE FROM upgrade_gateway.leases WHERE identity LIKE %s RETURNING process"
    with postgres.connected(url) as connection:
        row: Any = connection.execute(deleted, [_pid(replica)]).fetchone()
    postgres.end_sessions(url)
    return str(row[0])


async def owns_open_operations(postgres: PostgresServer, url: str, run: str) -> bool:
    """Whether a run of a replica has open operations."""
    with postgres.connected(url) as connection:
        return connection.execute(_OPEN, [run]).fetchone() is not None


def _pid(replica: Replica) -> str:
    return f"% {replica.process.pid} %"
