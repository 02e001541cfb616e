"""Where operations stand: from memory while they run here, else from the database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from gateway.operations.durable import Durable, Row
from gateway.operations.health import Health
from gateway.operations.live import Live
from gateway.operations.newest import PositionsKey
from gateway.operations.patience import Patience
from gateway.operations.record import Record
from gateway.operations.standing import Standing, broken, settled, standing
from gateway.operations.store import StoreUnavailable
from resolvers.ports.operations import Position
from schema.operation import OperationState


class Reading:
    """Reads operations; raises OperationsUnavailable where the database cannot be read.

    Args:
        live: finds an operation that runs here, or has just ended.
        unbegun: finds a line of a batch that has no operation yet.
    """

    def __init__(
        self,
        durable: Durable,
        health: Health,
        live: Callable[[str], Live | None],
        unbegun: Callable[[str], Awaitable[Standing | None]],
        patience: Patience,
    ) -> None:
        self._durable = durable
        self._health = health
        self.live = live
        self._unbegun = unbegun
        self._patience = patience

    async def standing(self, operation_id: str) -> Standing | None:
        """Tell where an operation stands; None when there is none."""
        live = self.live(operation_id)
        if live is not None:
            return await self._settled(standing(live.record, live.entries, live.ended))
        async with self._read():
            row = await self._durable.row(operation_id)
            if row is None:
                return await self._unbegun(operation_id)
            return await self._standing_of(row)

    async def standings_of(self, operation_ids: Sequence[str]) -> list[Standing]:
        """Tell where operations stand that are known, in the order asked."""
        found = [await self.standing(operation_id) for operation_id in operation_ids]
        return [each for each in found if each is not None]

    async def _settled(self, found: Standing) -> Standing:
        """Add what somebody found out about an operation in doubt."""
        if found.state is not OperationState.IN_DOUBT:
            return found
        settlement = await self._durable.settlement(found.record.id)
        return found if settlement is None else settled(found, settlement)

    async def standings(self, key: PositionsKey) -> list[tuple[Position, Standing]]:
        """Tell where a page of operations stands, each with its position."""
        async with self._read():
            rows = await self._durable.rows(key)
            return [(position, await self._standing_of(row)) for position, row in rows]

    @contextlib.asynccontextmanager
    async def _read(self) -> AsyncIterator[None]:
        """Do not wait long for a store that cannot be read."""
        await self._health.refuse_unopened()
        within_s = self._patience.read_within_s
        try:
            async with asyncio.timeout(within_s):
                yield
        except TimeoutError:
            late = f"the database has not answered within {within_s:g} s"
            raise self._health.unreadable(late) from None
        except StoreUnavailable as error:
            raise self._health.unreadable(str(error)) from error

    async def _standing_of(self, row: Row) -> Standing:
        record = row.record
        live = self.live(record.id)
        if live is not None:
            return await self._settled(standing(record, live.entries, live.ended))
        if row.ended is not None:
            return await self._settled(standing(record, (), row.ended))
        entries = await self._durable.entries(record.id)
        if row.is_broken:
            ended = broken(record, entries, row.updated_at)
            return await self._settled(standing(record, entries, ended))
        return standing(record, entries, None)

    async def on_subject(self, prefix: str, subject: str) -> list[Standing]:
        """Tell where the operations on a subject stand, newest first."""
        async with self._read():
            rows = await self._durable.rows_on(subject)
            return [
                await self._standing_of(row) for row in rows if row.record.id.startswith(prefix)
            ]

    async def others_on_subject(self, record: Record) -> list[Standing]:
        """Tell where everybody's other operations on a record's subject stand."""
        async with self._read():
            rows = await self._durable.rows_on(record.subject, besides=record.id)
            return [await self._standing_of(row) for row in rows]
