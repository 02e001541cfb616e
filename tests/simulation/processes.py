"""Machines, and the processes on them, each with a real operation runtime."""

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
from tests.simulation.faults import FaultState, TransactionFate
from tests.simulation.loop import Actor, SimulatedLoop
from tests.simulation.store import SimulatedStore
from tests.simulation.tables import Tables
from tests.simulation.vendor import SimulatedActivities, SimulatedVendor

T = TypeVar("T")

EPOCH_S: Final = 1_700_000_000.0
TIMEOUTS: Final = StoreTimeouts.from_setting(3.0)
RETRY_TIMEOUT_S: Final = 60.0


class ProcessGone(Exception):
    """The process ended before it responded."""


class Machine:
    """Runs one process at a time.

    Attributes:
        offset_s: the error of its wall clock.
        run: the current process; None between two processes.
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
    """The runtime, with deterministic ids that start with the name of the process."""

    def __init__(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> None:
        numbers = count(1)
        self.new_id = lambda: f"{name}-{next(numbers)}"
        super().__init__(store, families, clock, lines_at_once=2, timeouts=TIMEOUTS)


class ProcessWorld(Protocol):
    """The parts of the world that a process uses."""

    @property
    def loop(self) -> SimulatedLoop: ...

    @property
    def fault_state(self) -> FaultState: ...

    @property
    def tables(self) -> Tables: ...

    @property
    def vendor(self) -> SimulatedVendor: ...

    @property
    def policy(self) -> Policy: ...

    def make_runtime(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> SimulatedRuntime: ...

    def trace(self, source: object, what: str) -> None: ...

    def reached(self, run: "ProcessRun", point: str) -> None: ...

    def on_recorded(self, record: OperationRecord) -> None: ...

    def on_stored(self, run: "ProcessRun", operation_id: str, what: StoredStruct) -> None: ...

    def on_reconcile(self, run: "ProcessRun", record: OperationRecord) -> None: ...

    def on_slot_request(self, run: "ProcessRun", record: OperationRecord) -> None: ...

    def on_post(self, run: "ProcessRun", record: OperationRecord) -> None: ...


class ProcessRun:
    """A process, from its start to its end.

    Attributes:
        tokens: principals whose tokens are in memory.
    """

    def __init__(self, world: ProcessWorld, machine: Machine) -> None:
        machine.runs += 1
        self.name = f"p{machine.number}.{machine.runs}"
        self.machine = machine
        self.actor: Actor = world.loop.new_actor(self.name)
        self.tokens: set[str] = set()
        self._world = world
        self._clock = SimulatedClock(machine, world.loop)
        self._on_resume: list[Callable[[], None]] = []
        self.activities = SimulatedActivities(world.vendor, self)
        self.runtime = world.make_runtime(
            self.name, SimulatedStore(world.tables, self), self.activities, self._clock
        )

    def __str__(self) -> str:
        return self.name

    @property
    def loop(self) -> SimulatedLoop:
        return self._world.loop

    @property
    def fault_state(self) -> FaultState:
        return self._world.fault_state

    def wall(self) -> float:
        return self._clock.wall()

    def start(self) -> None:
        """Start the runtime; requests are accepted immediately."""
        self._starting = self.spawn(self.runtime.start())

    async def stop(self, grace_s: float) -> None:
        """Stop gracefully, as the app does."""
        await self._starting
        await self.runtime.stop(grace_s)

    def spawn(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Start a task of this process."""
        return self.loop.create_task(work, context=self.actor.context)

    async def request(self, work: Coroutine[Any, Any, T], within_s: float | None = None) -> T:
        """Execute a request in the process.

        Raises ProcessGone if the process ends first, and TimeoutError if the client disconnects;
        the process may or may not notice that.
        """
        if self.actor.is_killed:
            work.close()
            raise ProcessGone
        task = self.spawn(work)
        await asyncio.wait({task}, timeout=within_s)
        if not task.done():
            if self.fault_state.random.random() < 0.5:
                task.cancel()
            task.add_done_callback(_consume_exception)
            raise TimeoutError
        if task.cancelled():
            raise ProcessGone
        return task.result()

    def receive_token(self, principal: str) -> None:
        """Receive a request of a principal, with its token."""
        self.tokens.add(principal)
        self.loop.call_soon(
            self.runtime.caller_presence.notify, principal, context=self.actor.context
        )

    def operations(self, principal: str) -> OperationService:
        return OperationService(self.runtime, principal, self._world.policy)

    def batches(self, principal: str) -> BatchService:
        return BatchService(self.runtime, principal, self._world.policy)

    def suspend(self) -> None:
        """Suspend, as SIGSTOP does."""
        self.actor.is_suspended = True

    def resume(self) -> None:
        """Continue, as SIGCONT does."""
        self.actor.is_suspended = False
        continued, self._on_resume = self._on_resume, []
        for act in continued:
            act()

    def kill(self) -> None:
        """End at once, as SIGKILL does."""
        self.actor.kill()
        if self.machine.run is self:
            self.machine.run = None
        continued, self._on_resume = self._on_resume, []
        for act in continued:
            act()

    # Implements `StoreClient` and `SendingProcess`.

    def draw_transaction_fate(self, *, writes: bool) -> TransactionFate:
        return self.fault_state.draw_transaction_fate(self.machine.number, writes=writes)

    def store_error(self, *, writes: bool) -> str | None:
        return self.fault_state.store_error(self.machine.number, writes=writes)

    def reached(self, point: str) -> None:
        self._world.reached(self, point)

    def on_recorded(self, record: OperationRecord) -> None:
        self._world.on_recorded(record)

    def on_stored(self, operation_id: str, what: StoredStruct) -> None:
        self._world.on_stored(self, operation_id, what)

    def on_resume(self, act: Callable[[], None]) -> None:
        self._on_resume.append(act)

    def has_token(self, principal: str) -> bool:
        return not self.fault_state.scenario.needs_caller_tokens or principal in self.tokens

    def on_reconcile(self, record: OperationRecord) -> None:
        self._world.on_reconcile(self, record)

    def on_slot_request(self, record: OperationRecord) -> None:
        self._world.on_slot_request(self, record)

    def on_post(self, record: OperationRecord) -> None:
        self._world.on_post(self, record)


def _consume_exception(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
