"""Operations by id and by page."""

from dataclasses import replace
from typing import Final

from resolvers.ports.operations import Operations, OperationsKey, Position
from schema.errors import InvalidInput, NotFound
from schema.operation import UpgradeOperation, UpgradeOperationConnection
from schema.pagination import build_page_info, decode_cursor, encode_cursor
from schema.quoting import quote
from schema.scalars import print_instant

# Cursors can be forged, and stores accept no larger number.
_MAX_TIMESTAMP_US: Final = 2**63


async def get_operation(operations: Operations, operation_id: str) -> UpgradeOperation:
    """Return an operation of the caller. Raises NotFound, also if it is another principal's."""
    found = await operations.find(operation_id)
    if found is None:
        raise NotFound(f"You have no operation {quote(operation_id)}. `operations` lists yours.")
    return found


async def operation_connection(
    operations: Operations, key: OperationsKey, after: str | None
) -> UpgradeOperationConnection:
    """Return a page of up to `first` operations after the cursor `after`."""
    connection = [
        "operations",
        (key.customer_id or "").lower(),
        key.principal or "",
        *("" if at is None else print_instant(at) for at in (key.created_from, key.created_before)),
        *sorted(kind.name for kind in key.kinds),
        *sorted(state.name for state in key.states),
    ]
    position = None if after is None else parse_position(decode_cursor(after, connection))
    page = await operations.list_page(replace(key, after=position))

    def cursor_at(index: int) -> str:
        return encode_cursor(connection, page.positions[index])

    info = build_page_info(
        len(page.operations), cursor_at, has_next=page.has_next, has_previous=position is not None
    )
    return UpgradeOperationConnection(
        nodes=list(page.operations), page_info=info, cursor_at=cursor_at
    )


def parse_position(position: object) -> Position:
    """Parse the position in a cursor of operations or batches. Raises InvalidInput."""
    match position:
        case [int(created), str(recorded_id)] if 0 <= created < _MAX_TIMESTAMP_US and (
            recorded_id.isprintable()
        ):
            return created, recorded_id
        case _:
            raise InvalidInput("after must be a cursor of this list. Start again without it.")
