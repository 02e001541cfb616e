"""Runs operations: one for each principal and idempotency key, to its end, through restarts."""

import asyncio
import contextlib
import uuid
from collections.abc import Coroutine, Sequence
from typing import Any, Final

import structlog
from cachetools import TTLCache

from gateway.operations.batches import Batches
from gateway.operations.callers import Callers
from gateway.operations.claims import Claims, in_the_way
from gateway.operations.durable import Durable, DurableJournal
from gateway.operations.entries import Announced, Checked, Ended, Failure, Sent, Settlement, Trouble
from gateway.operations.health import Health
from gateway.operations.live import Live
from gateway.operations.partner import Clock, Partner
from gateway.operations.patience import Patience
from gateway.operations.preview_key import PreviewKey
from gateway.operations.reading import Reading
from gateway.operations.record import Record, Stored
from gateway.operations.seats import Seats
from gateway.operations.standing import Standing, broken, reference_in, standing, unwanted
from gateway.operations.store import Store, StoreUnavailable
from gateway.operations.submissions import Submissions
from gateway.operations.turns import Turns
from gateway.operations.watching import Watches
from gateway.operations.workflows import Workflows
from resolvers.ports.refusals import OperationsUnavailable

LOG: Final = structlog.get_logger("gateway.operations")

# An operation that has just ended is read from here until its last write is in the database.
_ENDED_KEPT: Final = 10_000
_ENDED_KEPT_S: Final = 60.0
_ELSEWHERE_POLL_S: Final = 0.5
_TAKE_OVER_EVERY_S: Final = 5.0


class Engine:
    """The operations of this process.

    Attributes:
        reading: tells where operations stand, those of other processes too.
        seats: how many each principal has asked for, in all processes.
        preview_key: signs what previews showed.

    Args:
        lines_at_once: lines of batches that work at the same time.
        patience: how long the store is waited for.
        take_over_every_s: how often it is looked whether another process has died.
    """

    def __init__(
        self,
        store: Store,
        partner: Partner,
        clock: Clock,
        *,
        lines_at_once: int,
        patience: Patience,
        take_over_every_s: float = _TAKE_OVER_EVERY_S,
    ) -> None:
        self.partner = partner
        self.callers = Callers()
        self.clock = clock
        self._store = store
        self.batches = Batches(self, clock, patience)
        self._health = Health(store, clock, patience)
        self.seats = Seats(clock, self._health)
        kept_beside = (self.batches.durable.register, self.seats.register)
        self.preview_key = PreviewKey(store, self._health)
        self._durable = Durable(store, self._run, kept_beside, self.preview_key.load)
        self._turns = Turns(lines_at_once)
        self._claims = Claims()
        self._workflows = Workflows(
            partner, self, clock, incarnation=self.new_id(), new_id=self.new_id
        )
        self._live: dict[str, Live] = {}
        self._recent: TTLCache[str, Live] = TTLCache(_ENDED_KEPT, _ENDED_KEPT_S)
        self._submissions: Submissions[Record] = Submissions(self.trouble, patience)
        self.reading = Reading(
            self._durable, self._health, self.live, self.batches.unbegun, patience
        )
        self.watches = Watches(self.reading, clock)
        self._take_over_every_s = take_over_every_s
        self._watching: asyncio.Task[None] | None = None

    @staticmethod
    def new_id() -> str:
        """Make a request id, a correlation id, or the name of a run."""
        return str(uuid.uuid4())

    async def start(self) -> None:
        """Open the store and resume what is open; until it is open, only reads are served."""
        await self._open()
        self._watching = asyncio.create_task(self._watch())

    async def _open(self) -> None:
        try:
            await self._durable.start()
            self._health.open()
        except StoreUnavailable as error:
            self._health.close_unopened(str(error))
        except Exception as fault:
            LOG.error("operations cannot be started", exc_info=fault)
            self._health.close_unopened(str(fault))

    async def _watch(self) -> None:
        """Resume what others left when they died; open a store that could not be opened."""
        while True:
            await asyncio.sleep(self._take_over_every_s)
            if self._health.closed is not None:
                await self._open()
                continue
            try:
                names = await self._durable.take_over()
                await asyncio.to_thread(self.preview_key.load)
            except StoreUnavailable as error:
                LOG.warning("other processes cannot be looked after", reason=str(error))
                continue
            if names:
                LOG.warning("resumed operations of processes that died", executors=names)

    async def stop(self, grace_s: float) -> None:
        """Take no more; give what is on its way so long to be answered; leave the rest recorded."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        if self._health.closed is not None:
            return
        self._health.close("the gateway is shutting down")
        await self._submissions.finish(grace_s)
        await self.batches.stop(grace_s)
        sending = [live.task for live in self._live.values() if live.is_sending and live.task]
        if sending:
            await asyncio.wait(sending, timeout=grace_s)
        for live in self._live.values():
            if live.task is not None:
                live.task.cancel()
        await self._durable.stop()

    @property
    def is_starting(self) -> bool:
        """Whether what needs the store is kept waiting, until it is known if it can be opened."""
        return self._health.is_starting

    async def trouble(self) -> str | None:
        """Say why nothing can be recorded now; None when it can."""
        return await self._health.trouble()

    async def submit(self, record: Record) -> Record:
        """Record an operation and run it, unless its id is recorded already; returns which is.

        Raises OperationsUnavailable when patience ends before it is recorded. A database that
        takes it later than that finds nobody who wants it, unless its key is submitted again.
        """
        return await self._submissions.join(record.id, lambda: self._submitted(record))

    async def _submitted(self, record: Record) -> Record:
        live = self.live(record.id)
        if live is not None:
            return live.record
        await self._health.refuse_unwritable()
        row = await self._durable.row(record.id)
        return row.record if row else await self.begin(record)

    async def begin(self, record: Record) -> Record:
        """Record an operation that is probably new, and run it; returns which is recorded."""
        live = self.live(record.id)
        if live is not None:
            return live.record
        self._live[record.id] = Live(record)
        is_ours = False
        try:
            is_ours = await self._durable.begin(record)
            self._health.written()
        finally:
            if not is_ours:
                self._live.pop(record.id, None)
        row = None if is_ours else await self._durable.row(record.id)
        return row.record if row else record

    async def _run(self, record: Record) -> Ended:
        """Carry a record out, from its start or again after a crash."""
        live = self._live.setdefault(record.id, Live(record))
        live.task = asyncio.current_task()
        live.arrival.set()  # a call before this run, or during its replay, may be the last for long
        try:
            with self.callers.concerning(record.principal, live.arrival):
                async with self._turns.turn(record):
                    ended = await self._carried_out(live)
            live.end(ended)
        except Exception as fault:
            LOG.error("operation failed", operation_id=record.id, exc_info=fault)
            live.end(broken(record, live.entries, self.clock.wall()))
            raise
        finally:
            self._claims.release(record)
            self._tell_batch(live)
            self._recent[record.id] = live
            del self._live[record.id]
        LOG.info("operation ended", operation_id=record.id, state=ended.ending.state.name)
        return ended

    async def _carried_out(self, live: Live) -> Ended:
        # A batch submits its lines until they are recorded, however late that is.
        if live.record.batch_id is None and not self._submissions.is_wanted(live.record.id):
            return unwanted(self.clock.wall())

        def start_step(name: str) -> None:
            # A call from here on may come too late for this step's token: the next wait passes.
            if name != "wait":
                live.arrival.clear()

        journal = DurableJournal(start_step, lambda entry: self._note(live, entry))
        return await self._workflows.carry_out(live.record, journal)

    def _note(self, live: Live, entry: Stored) -> None:
        self._health.written()
        is_announced = isinstance(entry, Checked | Announced) and entry.announcement is not None
        live.is_sending = is_announced and not isinstance(entry, Sent)
        live.add(entry)
        self._tell_batch(live)

    def _tell_batch(self, live: Live) -> None:
        if live.record.batch_id is not None:
            self.batches.tell(standing(live.record, live.entries, live.ended))

    def following(self, reference: str) -> list[Record]:
        """Return what follows something that the vendor has accepted, here and now."""
        wanted = reference.lower()
        return [
            live.record
            for live in self._live.values()
            if live.ended is None and (reference_in(live.entries) or "").lower() == wanted
        ]

    def live(self, operation_id: str) -> Live | None:
        """Return an operation that runs here, or has just ended here."""
        return self._live.get(operation_id) or self._recent.get(operation_id)

    async def settle(self, settlement: Settlement) -> Settlement:
        """Record a settlement unless there is one; returns which is recorded."""
        await self._health.refuse_unwritable()
        return await self._durable.settle(settlement)

    async def standings_of(self, operation_ids: Sequence[str]) -> list[Standing]:
        """Tell where operations stand that are known, in the order asked."""
        return await self.reading.standings_of(operation_ids)

    async def refuse_unopened(self) -> None:
        """Raise OperationsUnavailable when there is no store to read."""
        await self._health.refuse_unopened()

    async def ended(self, operation_id: str) -> None:
        """Wait until an operation has ended, here or in another process."""
        while (live := self.live(operation_id)) is None:
            row = await self._durable.row(operation_id)
            if row is None or row.ended is not None or row.is_broken:
                return
            await self.clock.sleep(_ELSEWHERE_POLL_S)
        await live.the_end()

    def holder(self, record: Record) -> str:
        """Claim what an order would change; returns the id of the operation that holds it."""
        return self._claims.holder(record)

    async def pause(self, record: Record, seconds: float | None, *, is_unsent: bool) -> None:
        """Wait, or without a time until the principal calls again; let other lines work."""
        waiting: Coroutine[Any, Any, object] = (
            self._live[record.id].arrival.wait() if seconds is None else self.clock.sleep(seconds)
        )
        async with self._turns.aside(record):
            if record.batch_id is None or not is_unsent:
                await waiting
            else:
                await first_of(waiting, self.batches.cancellation(record.batch_id))

    async def is_cancelled(self, record: Record) -> bool:
        """Whether it is a line of a batch that was cancelled."""
        return record.batch_id is not None and await self.batches.is_cancelled(record.batch_id)

    async def in_the_way(self, record: Record) -> Failure | Trouble | None:
        """Find out whether another operation on the same, in any process, forbids this one."""
        try:
            others = await self.reading.others_on_subject(record)
        except OperationsUnavailable as error:
            return Trouble(message=str(error))
        return in_the_way(record, others)


async def first_of(*waiting: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of several."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
