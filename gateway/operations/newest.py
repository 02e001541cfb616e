"""The order of operations in a list: newest first by creation, then by id; both never change.

So a page that begins behind the last operation of another neither repeats nor skips one, whatever
is recorded meanwhile. DBOS's own time of creation is that of its row, on SQLite in whole seconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from resolvers.ports.operations import Position

# Workflow attribute: when the operation was created, in microseconds since the epoch.
CREATED: Final = "created_us"
_PREFIX: Final = "substr(workflow_uuid, 1, 17)"  # as long as `principal_prefix`
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class PositionsKey:
    """Up to `limit` operations behind a position, newest first.

    Attributes:
        prefix: what the ids of a principal's operations begin with; empty for everybody's.
        customer_id: in lower case; None for all customers'.
    """

    prefix: str
    customer_id: str | None
    behind: Position | None
    limit: int


def created_us(seconds: float) -> int:
    """Round a time as the graph shows it, in microseconds since the epoch."""
    return (datetime.fromtimestamp(seconds, UTC) - _EPOCH) // timedelta(microseconds=1)


def index_statements(table: str, created: str) -> list[str]:
    """Write the indexes that `positions_query` reads: everybody's, a principal's, a customer's.

    Args:
        table: of DBOS's workflows.
        created: SQL expression of the time of creation.
    """
    order = f"({created}), workflow_uuid"
    behind = {
        "newest": order,
        "newest_of_principal": f"{_PREFIX}, {order}",
        "newest_of_customer": f"authenticated_user, {order}",
    }
    return [
        f"CREATE INDEX IF NOT EXISTS upgrade_gateway_{name} ON {table} ({columns})"
        " WHERE name = 'operation'"
        for name, columns in behind.items()
    ]


def positions_query(table: str, created: str, key: PositionsKey) -> tuple[str, dict[str, object]]:
    """Write the query of a page's positions, with `:name` for each parameter."""
    conditions = ["name = 'operation'"]
    if key.prefix:
        conditions.append(f"{_PREFIX} = :prefix")
    if key.customer_id is not None:
        conditions.append("authenticated_user = :customer_id")
    if key.behind is not None:
        # The first condition bounds the index, the second decides between equal times.
        conditions.append(f"{created} <= :created")
        conditions.append(f"({created} < :created OR workflow_uuid < :id)")
    created_at, operation_id = key.behind or (0, "")
    query = (
        f"SELECT {created}, workflow_uuid FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608 - of constants
        f" ORDER BY {created} DESC, workflow_uuid DESC LIMIT :limit"
    )
    return query, {
        "prefix": key.prefix,
        "customer_id": key.customer_id,
        "created": created_at,
        "id": operation_id,
        "limit": key.limit,
    }
