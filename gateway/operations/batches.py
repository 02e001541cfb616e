"""The batches of this process: recorded, executed, cancelled, and told where they stand."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar

import structlog

from gateway.operations.batch_record import BatchEnded, BatchRecord, Cancellation, line_id, line_of
from gateway.operations.batch_standing import BatchStanding
from gateway.operations.entries import Ended, Ending
from gateway.operations.lanes import Lanes, Lines
from gateway.operations.live_batch import LiveBatch
from gateway.operations.partner import Clock
from gateway.operations.reading import OperationReader
from gateway.operations.standing import Standing, standing
from gateway.operations.store.base import (
    Claim,
    OperationFilter,
    OperationStore,
    OwnershipLost,
    StoredBatch,
    StoreUnavailable,
)
from gateway.operations.store.health import StoreHealth
from gateway.operations.submissions import Submissions
from resolvers.ports.errors import KeyReused
from schema.operation import OperationState

LOG: Final = structlog.get_logger("gateway.operations")

T = TypeVar("T")

_ELSEWHERE_POLL_S: Final = 0.5
_TOLD_EVERY_S: Final = 0.2
_ASKED_EVERY_S: Final = 1.0
_AGAIN_S: Final = 1.0


class LineOperations(Lines, Protocol):
    """What batches need of the operations of this process."""

    @property
    def store(self) -> OperationStore:
        """Where batches are stored."""
        ...

    @property
    def health(self) -> StoreHealth:
        """Whether that can be written."""
        ...

    @property
    def reader(self) -> OperationReader:
        """Tells where their lines stand."""
        ...

    @property
    def process(self) -> str:
        """The id of this run of the process."""
        ...

    @property
    def may_send(self) -> bool:
        """Whether no other process can have taken over what this one executes."""
        ...

    async def confirmed(self, writing: Awaitable[T]) -> T:
        """Write; raises OperationsUnavailable, and looks later for what may be stored."""
        ...

    async def standings_of(self, operation_ids: Sequence[str]) -> list[Standing]:
        """Tell where operations stand that are known, in the order asked."""
        ...


class Batches:
    """The batches of this process."""

    def __init__(self, operations: LineOperations, clock: Clock) -> None:
        self.clock = clock
        self._operations = operations
        self._store = operations.store
        self._live: dict[str, LiveBatch] = {}
        self._submissions: Submissions[BatchRecord] = Submissions(operations.health)
        self._lanes = Lanes(operations, self._store.line_states, self.is_cancelled, clock)

    async def stop(self, grace_s: float) -> None:
        """Begin no more lines; the next start goes on."""
        await self._submissions.finish(grace_s)
        self.let_go()

    def let_go(self) -> None:
        """Stop executing everything: it belongs to others."""
        for live in list(self._live.values()):
            live.let_go()
        self._live.clear()

    async def submit(self, record: BatchRecord) -> BatchRecord:
        """Record a batch and execute it, unless its id is recorded already; returns which is.

        Raises:
            KeyReused: the id is an operation's.
            OperationsUnavailable: it cannot be recorded, or that is not known in time.
        """
        return await self._submissions.join(record.id, lambda: self._submit(record))

    async def _submit(self, record: BatchRecord) -> BatchRecord:
        live = self._live.get(record.id)
        if live is not None:
            return live.record
        await self._operations.health.require_writable()
        writing = self._store.record_batch(record, self._operations.process)
        claim = await self._operations.confirmed(writing)
        if claim is not None:
            self._execute(LiveBatch(record, claim), is_new=True)
            return record
        stored = await self._operations.confirmed(self._store.get_batch(record.id))
        if stored is None:  # an operation has the id
            raise KeyReused
        return stored.record

    @property
    def executed(self) -> Collection[str]:
        """The ids of those that this process executes."""
        return self._live.keys()

    def resume(self, claim: Claim, stored: StoredBatch) -> None:
        """Execute a batch that another process has left, unless this one does already."""
        live = LiveBatch(stored.record, claim)
        if stored.cancellation is not None:
            live.cancel(stored.cancellation.at)
        self._execute(live)

    def _execute(self, live: LiveBatch, *, is_new: bool = False) -> None:
        current = self._live.get(live.record.id)
        if current is not None:
            if current.claim.epoch >= live.claim.epoch:  # it was found among what is owned
                return
            current.let_go()  # by a run of this process that lost its lease
        live.is_loaded = is_new
        self._live[live.record.id] = live
        live.task = asyncio.create_task(self._run(live), context=contextvars.Context())

    async def _run(self, live: LiveBatch) -> None:
        """Execute a batch to its stored end, or until it belongs to another process."""
        try:
            await self._lanes.run(live)
            ended = BatchEnded(at=self.clock.wall(), states=tuple(live.states))
            live.is_ending = True
            await self._until_stored(lambda: self._store.finish_batch(live.claim, ended))
        except OwnershipLost:
            live.let_go()
        else:
            live.end()
            LOG.info("batch ended", batch_id=live.record.id, lines=len(live.states))
        finally:
            if self._live.get(live.record.id) is live:
                del self._live[live.record.id]

    async def _until_stored(self, write: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await write()
            except StoreUnavailable as error:
                self._operations.health.record_failure(str(error))
            await self.clock.sleep(_AGAIN_S)

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
            return await self._cancellation(batch_id) is not None
        now = self.clock.wall()
        if live.cancelled_at is None and now >= live.asked_at + _ASKED_EVERY_S:
            # Another process may have recorded it.
            live.asked_at = now
            cancellation = await self._cancellation(batch_id)
            if cancellation is not None:
                live.cancel(cancellation.at)
        return live.cancelled_at is not None

    async def cancellation(self, batch_id: str) -> None:
        """Wait until a batch is cancelled, here."""
        live = self._live.get(batch_id)
        await (asyncio.Event() if live is None else live.cancelled).wait()

    async def cancel(self, wanted: Cancellation) -> None:
        """Send nothing more of a batch. Raises OperationsUnavailable."""
        await self._operations.health.require_writable()
        await self._operations.confirmed(self._store.cancel_batch(wanted))
        live = self._live.get(wanted.batch_id)
        if live is not None:
            live.cancel(wanted.at)

    async def _cancellation(self, batch_id: str) -> Cancellation | None:
        try:
            stored = await self._store.get_batch(batch_id)
        except StoreUnavailable as error:  # nothing of it can be announced now either
            self._operations.health.record_failure(str(error))
            return None
        return None if stored is None else stored.cancellation

    def _known(self, batch_id: str) -> LiveBatch | None:
        """Return a batch that is executed here, for certain, with the states of its lines."""
        live = self._live.get(batch_id)
        if live is None or live.is_ending or not live.is_loaded:
            return None
        return live if self._operations.may_send else None

    async def standing(self, batch_id: str) -> BatchStanding | None:
        """Tell where a batch stands; None when there is none. Raises OperationsUnavailable."""
        live = self._known(batch_id)
        if live is not None:
            found = BatchStanding(
                live.record, tuple(live.states), live.updated_at, live.cancelled_at
            )
            return await self._settled(found)
        async with self._operations.reader.reading():
            stored = await self._store.get_batch(batch_id)
            return None if stored is None else await self._settled(await self._standing_of(stored))

    async def find(self, wanted: OperationFilter) -> list[BatchStanding]:
        """Tell where batches stand, newest first. Raises OperationsUnavailable."""
        async with self._operations.reader.reading():
            stored = await self._store.find_batches(wanted)
        found = [await self.standing(each.record.id) for each in stored]
        return [each for each in found if each is not None]

    async def _standing_of(self, stored: StoredBatch) -> BatchStanding:
        record, cancellation = stored.record, stored.cancellation
        cancelled_at = None if cancellation is None else cancellation.at
        if stored.ended is not None:
            ended = stored.ended
            return BatchStanding(record, ended.states, ended.at, cancelled_at, is_final=True)
        begun = await self._store.line_states(record.id)
        states = [
            begun.get(number) or OperationState.QUEUED for number in range(1, len(record.lines) + 1)
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
        return replace(found, states=states)

    async def unbegun(self, operation_id: str) -> Standing | None:
        """Tell where a line stands whose turn has not come; None when there is no such line."""
        place = line_of(operation_id)
        found = None if place is None else await self.standing(place[0])
        if place is None or found is None or not 1 <= place[1] <= len(found.states):
            return None
        record = found.record.line(place[1], found.record.created_at)
        is_cancelled = found.states[place[1] - 1] is OperationState.CANCELLED
        if not (is_cancelled and found.is_final):  # only then other processes say so too
            return standing(record, (), None)
        at = found.cancelled_at or found.updated_at
        return standing(record, (), Ended(ending=Ending(state=OperationState.CANCELLED, at=at)))

    async def ended(self, batch_id: str) -> None:
        """Wait until a batch has ended, here or in another process."""
        while True:
            live = self._live.get(batch_id)
            if live is not None:
                await live.the_end()
                if live.is_ended:
                    return
            found = await self.standing(batch_id)
            if found is None or found.is_final:
                return
            await self.clock.sleep(_ELSEWHERE_POLL_S)

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
