"""The batches of this process: recorded, run, cancelled, and told where they stand."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator
from typing import Final, Protocol

import structlog
from cachetools import TTLCache

from gateway.operations.batch_record import BatchEnded, BatchRecord, Cancellation, line_id, line_of
from gateway.operations.batch_standing import BatchStanding
from gateway.operations.durable_batches import BatchRow, DurableBatches
from gateway.operations.entries import Ended, Ending
from gateway.operations.lanes import Lanes, Lines
from gateway.operations.live_batch import LiveBatch
from gateway.operations.partner import Clock
from gateway.operations.patience import Patience
from gateway.operations.standing import Standing, standing
from gateway.operations.submissions import Submissions
from resolvers.ports.refusals import OperationsUnavailable
from schema.operation import OperationState

LOG: Final = structlog.get_logger("gateway.operations")

_ENDED_KEPT: Final = 100
_ENDED_KEPT_S: Final = 60.0
_ELSEWHERE_POLL_S: Final = 0.5
_TOLD_EVERY_S: Final = 0.2
_ASKED_EVERY_S: Final = 1.0


class LineOperations(Lines, Protocol):
    """What batches need of the operations of this process."""

    async def trouble(self) -> str | None:
        """Say why nothing can be recorded now."""
        ...

    async def refuse_unopened(self) -> None:
        """Raise OperationsUnavailable when there is no store to read."""
        ...


class Batches:
    """The batches of this process."""

    def __init__(self, operations: LineOperations, clock: Clock, patience: Patience) -> None:
        self.durable = DurableBatches(self._run)
        self.clock = clock
        self._operations = operations
        self._live: dict[str, LiveBatch] = {}
        self._recent: TTLCache[str, LiveBatch] = TTLCache(_ENDED_KEPT, _ENDED_KEPT_S)
        self._submissions: Submissions[BatchRecord] = Submissions(operations.trouble, patience)
        self._lanes = Lanes(operations, self.durable.line_states, self.is_cancelled, clock)

    async def stop(self, grace_s: float) -> None:
        """Begin no more lines; the next start goes on."""
        await self._submissions.finish(grace_s)
        for live in self._live.values():
            if live.task is not None:
                live.task.cancel()

    async def submit(self, record: BatchRecord) -> BatchRecord:
        """Record a batch and run it, unless its id is recorded already; returns which is.

        Raises:
            KeyReused: the id is an operation's.
            OperationsUnavailable: it cannot be recorded; no line will be sent.
        """
        return await self._submissions.join(record.id, lambda: self._submitted(record))

    async def _submitted(self, record: BatchRecord) -> BatchRecord:
        live = self._known(record.id)
        if live is not None:
            return live.record
        reason = await self._operations.trouble()
        if reason is not None:
            raise OperationsUnavailable(reason)
        row = await self.durable.row(record.id)
        if row is not None:
            return row.record
        self._live[record.id] = LiveBatch(record)
        is_ours = False
        try:
            is_ours = await self.durable.begin(record)
        finally:
            if not is_ours:
                self._live.pop(record.id, None)
        row = None if is_ours else await self.durable.row(record.id)
        return row.record if row else record

    async def _run(self, record: BatchRecord) -> BatchEnded:
        """Carry a batch out, from its start or again after a crash."""
        live = self._live.setdefault(record.id, LiveBatch(record))
        live.task = asyncio.current_task()
        if not self._submissions.is_wanted(record.id):
            live.cancel(self.clock.wall())
        try:
            # Not in the workflow's own context: DBOS would number the lines as its steps, in an
            # order that another run does not repeat.
            await asyncio.create_task(self._lanes.run(live), context=contextvars.Context())
        finally:
            self._recent[record.id] = live
            del self._live[record.id]
        live.end()
        LOG.info("batch ended", batch_id=record.id, lines=len(live.states))
        return BatchEnded(at=self.clock.wall(), states=tuple(live.states))

    def tell(self, line: Standing) -> None:
        """Note how far a line is."""
        place = line_of(line.record.id)
        live = None if place is None else self._live.get(place[0])
        if place is not None and live is not None:
            live.set_state(place[1], line.state, line.updated_at)

    async def is_cancelled(self, batch_id: str) -> bool:
        """Whether nothing more of a batch is to be sent, whoever has said so, and where."""
        live = self._live.get(batch_id)
        if live is None:
            return await self.durable.cancellation(batch_id) is not None
        now = self.clock.wall()
        if live.cancelled_at is None and now >= live.asked_at + _ASKED_EVERY_S:
            # Another process may have recorded it.
            live.asked_at = now
            cancellation = await self.durable.cancellation(batch_id)
            if cancellation is not None:
                live.cancel(cancellation.at)
        return live.cancelled_at is not None

    async def cancellation(self, batch_id: str) -> None:
        """Wait until a batch is cancelled, here."""
        live = self._live.get(batch_id)
        await (asyncio.Event() if live is None else live.cancelled).wait()

    async def cancel(self, wanted: Cancellation) -> None:
        """Send nothing more of a batch. Raises OperationsUnavailable."""
        reason = await self._operations.trouble()
        if reason is not None:
            raise OperationsUnavailable(reason)
        await self.durable.cancel(wanted)
        live = self._live.get(wanted.batch_id)
        if live is not None:
            live.cancel(wanted.at)

    def _known(self, batch_id: str) -> LiveBatch | None:
        return self._live.get(batch_id) or self._recent.get(batch_id)

    async def standing(self, batch_id: str) -> BatchStanding | None:
        """Tell where a batch stands; None when there is none. Raises OperationsUnavailable."""
        live = self._known(batch_id)
        if live is not None:
            found = BatchStanding(
                live.record, tuple(live.states), live.updated_at, live.cancelled_at
            )
            return await self._settled(found)
        await self._operations.refuse_unopened()
        row = await self.durable.row(batch_id)
        return None if row is None else await self._settled(await self._standing_of(row))

    async def _standing_of(self, row: BatchRow) -> BatchStanding:
        record, cancellation = row.record, await self.durable.cancellation(row.record.id)
        cancelled_at = None if cancellation is None else cancellation.at
        if row.ended is not None:
            return BatchStanding(record, row.ended.states, row.ended.at, cancelled_at)
        begun = await self.durable.line_states(record.id)
        states = [
            begun.get(number) or OperationState.ACCEPTED
            for number in range(1, len(record.lines) + 1)
        ]
        return BatchStanding(record, states, record.created_at, cancelled_at)

    async def _settled(self, found: BatchStanding) -> BatchStanding:
        """Add what somebody found out about lines in doubt."""
        doubts = [n for n, state in enumerate(found.states, 1) if state is OperationState.IN_DOUBT]
        if not doubts:
            return found
        states = list(found.states)
        ids = [line_id(found.record.id, number) for number in doubts]
        for line in await self._operations.standings_of(ids):
            place = line_of(line.record.id)
            if place is not None:
                states[place[1] - 1] = line.state
        return BatchStanding(found.record, states, found.updated_at, found.cancelled_at)

    async def unbegun(self, operation_id: str) -> Standing | None:
        """Tell where a line stands whose turn has not come; None when there is no such line."""
        place = line_of(operation_id)
        found = None if place is None else await self.standing(place[0])
        if place is None or found is None or not 1 <= place[1] <= len(found.states):
            return None
        record = found.record.line(place[1], found.record.created_at)
        if found.states[place[1] - 1] is not OperationState.CANCELLED:
            return standing(record, (), None)
        at = found.cancelled_at or found.updated_at
        return standing(record, (), Ended(ending=Ending(state=OperationState.CANCELLED, at=at)))

    async def ended(self, batch_id: str) -> None:
        """Wait until a batch has ended, here or in another process."""
        while (live := self._known(batch_id)) is None:
            row = await self.durable.row(batch_id)
            if row is None or row.ended is not None:
                return
            await self.clock.sleep(_ELSEWHERE_POLL_S)
        await live.the_end()

    async def watch(self, batch_id: str) -> AsyncGenerator[BatchStanding, None]:
        """Yield a batch as it stands and after changes, several at once; its end is the last."""
        while True:
            live = self._known(batch_id)
            # Taken before the batch is read, so that no change falls between.
            change = None if live is None else live.changes.next()
            found = await self.standing(batch_id)
            if found is None:
                return
            yield found
            if found.is_final:
                return
            if change is not None:
                await change.wait()
            await self.clock.sleep(_TOLD_EVERY_S if change else _ELSEWHERE_POLL_S)
