"""How many seats each caller has asked for: an append-only count that all replicas share.

Entry n of a principal is a record of its own id, which can be written once. Whoever counts up to n
and writes n + 1 knows that nobody else has written in between, or finds the other's entry there
and counts again.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway.operations.health import Health
from gateway.operations.late import dbos
from gateway.operations.partner import Clock
from gateway.operations.record import Stored, principal_prefix

_SEATS: Final = "seats"
_WINDOW_S: Final = 3600.0


class Entry(Stored, frozen=True, kw_only=True):
    """Seats that were let in.

    Attributes:
        number: of the entry among its principal's.
        operation_id: of the operation or batch that asked for them.
    """

    number: int
    operation_id: str
    seats: int
    at: float


class Seats:
    """The count, in the store of operations."""

    def __init__(self, clock: Clock, health: Health) -> None:
        self._clock = clock
        self._health = health
        self._enter: Any = None

    def register(self) -> None:
        """Tell DBOS about entries: records that do nothing."""

        async def seats(entry: Any) -> Any:
            return entry

        self._enter = dbos.DBOS.workflow(name=_SEATS)(seats)

    async def take(
        self, operation_id: str, principal: str, wanted: int, refuse: Callable[[int], str | None]
    ) -> str | None:
        """Enter seats unless `refuse`, told how many are taken, gives a reason; returns that.

        An operation whose entry is there already takes no more: it is being submitted again.
        Raises OperationsUnavailable when nothing can be recorded.
        """
        await self._health.refuse_unwritable()
        while True:
            entries = await self._entries(principal)
            now = self._clock.wall()
            recent = [each for each in entries if each.at > now - _WINDOW_S]
            if any(each.operation_id == operation_id for each in recent):
                return None
            reason = refuse(sum(each.seats for each in recent))
            if reason is not None:
                return reason
            number = max((each.number for each in entries), default=0) + 1
            entry = Entry(number=number, operation_id=operation_id, seats=wanted, at=now)
            if await self._written(principal, entry):
                return None

    async def _entries(self, principal: str) -> list[Entry]:
        """Read the entries of the last hour, newest first; at least the newest of all."""
        prefix = f"{principal_prefix(principal)}seats."
        entries: list[Entry] = []
        offset, page = 0, 100
        while True:
            found = await dbos.DBOS.list_workflows_async(
                name=_SEATS,
                workflow_id_prefix=prefix,
                load_output=False,
                limit=page,
                offset=offset or None,
                sort_desc=True,
            )
            entries += [_entry(status.input) for status in found]
            if len(found) < page or entries[-1].at < self._clock.wall() - _WINDOW_S:
                return entries
            offset += page

    async def _written(self, principal: str, entry: Entry) -> bool:
        entry_id = f"{principal_prefix(principal)}seats.{entry.number}"
        with dbos.SetWorkflowID(entry_id):
            await dbos.DBOS.start_workflow_async(self._enter, msgspec.to_builtins(entry))
        status = await dbos.DBOS.get_workflow_status_async(entry_id)
        return status is not None and _entry(status.input).operation_id == entry.operation_id


def _entry(inputs: Any) -> Entry:
    return msgspec.convert(inputs["args"][0], Entry)
