"""A process that runs operations over a store in memory, and can be killed at any moment."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.operations.claims import Claims
from gateway.operations.entries import Ended
from gateway.operations.record import Record
from gateway.operations.workflows import Workflows
from tests.support.clock import HeldClock
from tests.support.pretend_market import PretendMarket
from tests.support.pretend_partner import Crash, MemoryJournal


@dataclass
class Kept:
    """An operation as the store has it."""

    record: Record
    steps: list[object] = field(default_factory=list)
    ended: Ended | None = None
    is_cancelled: bool = False


class PretendProcess:
    """Fits `gateway.operations.workflows.Surroundings`; one run of a gateway.

    Args:
        store: outlives it.
        dies_at: the moment of a step at which it dies, such as "before send"; "" for none.
    """

    def __init__(
        self,
        number: int,
        store: dict[str, Kept],
        market: PretendMarket,
        clock: HeldClock,
        dies_at: str = "",
    ) -> None:
        self.is_dead = False
        self._store = store
        self._clock = clock
        self._dies_at = dies_at
        self._claims = Claims()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        ids = (f"{number}-{count}" for count in itertools.count())
        self._workflows = Workflows(market, self, clock, f"run-{number}", lambda: next(ids))
        still_open = [kept for kept in store.values() if kept.ended is None]
        for kept in still_open:
            self._claims.holder(kept.record)
        for kept in still_open:
            self._run(kept)

    def submit(self, record: Record) -> None:
        """Record it, unless its id is recorded."""
        if record.id not in self._store:
            self._store[record.id] = Kept(record)
            self._run(self._store[record.id])

    def cancel(self, id: str) -> None:
        self._store[id].is_cancelled = True
        self._woken.set()
        self._woken = asyncio.Event()

    def kill(self) -> None:
        self.is_dead = True
        for task in self._tasks.values():
            task.cancel()

    def running(self) -> Iterator[str]:
        return (key for key, task in self._tasks.items() if not task.done())

    async def join(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _run(self, kept: Kept) -> None:
        self._tasks[kept.record.id] = asyncio.create_task(self._carried_out(kept))

    async def _carried_out(self, kept: Kept) -> None:
        try:
            journal = MemoryJournal(kept.steps, self._dies)
            kept.ended = await self._workflows.carry_out(kept.record, journal)
            self._claims.release(kept.record)
        except Crash:
            self.kill()

    def _dies(self, moment: str) -> bool:
        return moment == self._dies_at

    def holder(self, record: Record) -> str:
        return self._claims.holder(record)

    async def in_the_way(self, record: Record) -> None:
        return None

    async def pause(self, record: Record, seconds: float | None, *, is_unsent: bool) -> None:
        if is_unsent and self._store[record.id].is_cancelled:
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds or 0.0))
        woken = asyncio.ensure_future(self._woken.wait())
        waited_for = {sleeping, woken} if is_unsent else {sleeping}
        try:
            await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            woken.cancel()

    async def is_cancelled(self, record: Record) -> bool:
        return self._store[record.id].is_cancelled
