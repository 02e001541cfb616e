"""Operations by id and page by page."""

from dataclasses import replace

from resolvers.ports.operations import Operations, OperationsKey
from schema.operation import UpgradeOperation, UpgradeOperationConnection
from schema.pagination import decode_cursor, encode_cursor, page_info
from schema.problems import BadInput, NotFound
from schema.quoting import quote


async def one_operation(operations: Operations, operation_id: str) -> UpgradeOperation:
    """Find one of the caller's operations; another's is as unknown as none."""
    found = await operations.operation(operation_id)
    if found is None:
        raise NotFound(
            f"You have no operation {quote(operation_id)}. `operations` lists those you have."
        )
    return found


async def operation_connection(
    operations: Operations, key: OperationsKey, after: str | None
) -> UpgradeOperationConnection:
    """Answer with up to `first` operations behind a cursor.

    A cursor counts from the newest, so operations that are added meanwhile push what was seen
    onto the next page; nothing is left out.
    """
    states = sorted(state.name for state in key.states)
    connection = ["operations", (key.customer_id or "").lower(), *states]
    offset = 0 if after is None else _offset(decode_cursor(after, connection))
    page = await operations.page(replace(key, offset=offset))

    def cursor_at(index: int) -> str:
        return encode_cursor(connection, page.offsets[index])

    info = page_info(
        len(page.operations), cursor_at, has_next=page.has_next, has_previous=offset > 0
    )
    return UpgradeOperationConnection(
        nodes=list(page.operations), page_info=info, cursor_at=cursor_at
    )


def _offset(position: object) -> int:
    if not isinstance(position, int):
        raise BadInput("after is a cursor of a page of operations. Start again without it.")
    return position
