"""Gateways: machines, and the runs of processes on them, with the operations' own runtime."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, Final, Protocol, TypeVar

from gateway.operations.activities import UpgradeFamilies
from gateway.operations.batch_service import BatchService
from gateway.operations.model.record import OperationRecord, Policy, StoredStruct
from gateway.operations.operation_service import OperationService
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.base import OperationStore
from gateway.operations.store.health import StoreTimeouts
from tests.simulation.faults import CallFate, Weather
from tests.simulation.loop import Actor, SimulatedLoop
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables
from tests.simulation.vendor import SimulatedPartner, SimulatedVendor

T = TypeVar("T")

EPOCH_S: Final = 1_700_000_000.0
TIMEOUTS: Final = StoreTimeouts.from_setting(3.0)
GIVE_UP_S: Final = 60.0


class Gone(Exception):
    """The process died, or there is none."""


class Machine:
    """Where one process runs after another.

    Attributes:
        offset_s: how far its clock is off.
        run: the process that runs; None between two.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.offset_s = 0.0
        self.run: ProcessRun | None = None
        self.runs = 0


class SimulatedClock:
    """Implements `gateway.clock.Clock`."""

    def __init__(self, machine: Machine, loop: SimulatedLoop) -> None:
        self._machine = machine
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    def wall(self) -> float:
        return EPOCH_S + self._machine.offset_s + self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SimulatedRuntime(OperationRuntime):
    """The runtime, with ids that say whose they are and are the same in each replay."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        numbers = count(1)
        self.new_id = lambda: f"{name}-{next(numbers)}"
        super().__init__(store, families, clock, lines_at_once=2, timeouts=TIMEOUTS)


class Surroundings(Protocol):
    """The world, as processes see it."""

    @property
    def loop(self) -> SimulatedLoop: ...

    @property
    def weather(self) -> Weather: ...

    @property
    def tables(self) -> Tables: ...

    @property
    def vendor(self) -> SimulatedVendor: ...

    @property
    def policy(self) -> Policy: ...

    def make_runtime(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> SimulatedRuntime: ...

    def trace(self, who: object, what: str) -> None: ...

    def passes(self, run: "ProcessRun", point: str) -> None: ...

    def has_recorded(self, record: OperationRecord) -> None: ...

    def has_stored(self, run: "ProcessRun", operation_id: str, what: StoredStruct) -> None: ...

    def looks(self, run: "ProcessRun", record: OperationRecord) -> None: ...

    def wants_slot(self, run: "ProcessRun", record: OperationRecord) -> None: ...

    def posts(self, run: "ProcessRun", record: OperationRecord) -> None: ...


class ProcessRun:
    """One run of a process, from its start to its death.

    Attributes:
        tokens: principals whose tokens it has in memory.
        partner: its way to the vendor.
    """

    def __init__(self, world: Surroundings, machine: Machine) -> None:
        machine.runs += 1
        self.name = f"p{machine.number}.{machine.runs}"
        self.machine = machine
        self.actor: Actor = world.loop.new_actor(self.name)
        self.tokens: set[str] = set()
        self._world = world
        self._clock = SimulatedClock(machine, world.loop)
        self._continued: list[Callable[[], None]] = []
        self.partner = SimulatedPartner(world.vendor, self)
        self.runtime = world.make_runtime(
            self.name, SimulatedStore(world.tables, self), self.partner, self._clock
        )

    def __str__(self) -> str:
        return self.name

    @property
    def loop(self) -> SimulatedLoop:
        return self._world.loop

    @property
    def weather(self) -> Weather:
        return self._world.weather

    def wall(self) -> float:
        return self._clock.wall()

    def start(self) -> None:
        """Begin; requests may come at once."""
        self._starting = self.spawn(self.runtime.start())

    async def stop(self, grace_s: float) -> None:
        """Stop in good order, as the app does."""
        await self._starting
        await self.runtime.stop(grace_s)

    def spawn(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin a task of this process."""
        return self.loop.create_task(work, context=self.actor.context)

    async def request(self, work: Coroutine[Any, Any, T], within_s: float | None = None) -> T:
        """Have it answer a request.

        Raises Gone when it dies meanwhile, and TimeoutError when the client leaves, of which the
        process is told or not.
        """
        if self.actor.is_dead:
            work.close()
            raise Gone
        task = self.spawn(work)
        await asyncio.wait({task}, timeout=within_s)
        if not task.done():
            if self.weather.random.random() < 0.5:
                task.cancel()
            task.add_done_callback(_retrieve)
            raise TimeoutError
        if task.cancelled():
            raise Gone
        return task.result()

    def arrive(self, principal: str) -> None:
        """Have a principal call, with its token."""
        self.tokens.add(principal)
        self.loop.call_soon(
            self.runtime.caller_presence.notify, principal, context=self.actor.context
        )

    def operations(self, principal: str) -> OperationService:
        return OperationService(self.runtime, principal, self._world.policy)

    def batches(self, principal: str) -> BatchService:
        return BatchService(self.runtime, principal, self._world.policy)

    def stand_still(self) -> None:
        """Stop (SIGSTOP)."""
        self.actor.is_stopped = True

    def go_on(self) -> None:
        """Continue (SIGCONT)."""
        self.actor.is_stopped = False
        continued, self._continued = self._continued, []
        for act in continued:
            act()

    def die(self) -> None:
        """End at once (SIGKILL)."""
        self.actor.die()
        if self.machine.run is self:
            self.machine.run = None
        continued, self._continued = self._continued, []
        for act in continued:
            act()

    # What the store and the vendor need of it

    def store_fate(self, *, writes: bool) -> CallFate:
        return self.weather.store_fate(self.machine.number, writes=writes)

    def store_refusal(self, *, writes: bool) -> str | None:
        return self.weather.store_refusal(self.machine.number, writes=writes)

    def passes(self, point: str) -> None:
        self._world.passes(self, point)

    def has_recorded(self, record: OperationRecord) -> None:
        self._world.has_recorded(record)

    def has_stored(self, operation_id: str, what: StoredStruct) -> None:
        self._world.has_stored(self, operation_id, what)

    def when_continued(self, act: Callable[[], None]) -> None:
        self._continued.append(act)

    def has_token(self, principal: str) -> bool:
        return not self.weather.climate.needs_callers or principal in self.tokens

    def looks(self, record: OperationRecord) -> None:
        self._world.looks(self, record)

    def wants_slot(self, record: OperationRecord) -> None:
        self._world.wants_slot(self, record)

    def posts(self, record: OperationRecord) -> None:
        self._world.posts(self, record)


def _retrieve(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
