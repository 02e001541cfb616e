"""One world from one seed: its processes, store, vendor and callers, from birth through faults."""

import asyncio
import traceback
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from gateway.operations.activities import UpgradeFamilies
from gateway.operations.model.record import OperationRecord, Policy, StoredStruct
from gateway.operations.store.base import OperationStore
from tests.simulation.callers import Callers, Wish
from tests.simulation.faults import FAULTS_S, Ambush, Climate, Fault, Weather
from tests.simulation.invariants import Ledger
from tests.simulation.loop import SimulatedLoop
from tests.simulation.population import PRINCIPALS, draw_customers, draw_wishes
from tests.simulation.processes import (
    GIVE_UP_S,
    Machine,
    ProcessRun,
    SimulatedClock,
    SimulatedRuntime,
)
from tests.simulation.tables import Tables
from tests.simulation.vendor import SimulatedVendor

HEALED_S: Final = 400.0
"""How long everything may take to end once nothing goes wrong any more."""
_GRACE_S: Final = 5.0
_SUSPENDED_MEANWHILE: Final = 0.5
_SUSPENDED_WITHIN_S: Final = 10.0
_TRIES: Final = 20
_STOPPED_S: Final = 60.0


@dataclass(frozen=True)
class Variant:
    """What is simulated: the operations as they are, or with a fault built in.

    Attributes:
        has_others: somebody else puts subscriptions out of service while they are upgraded.
    """

    name: str
    tables: type[Tables] = Tables
    runtime: type[SimulatedRuntime] = SimulatedRuntime
    has_others: bool = False


@dataclass
class World:
    """Implements what processes, callers and the vendor see of the world."""

    seed: int
    variant: Variant
    violations: list[str] = field(default_factory=list)
    traced: list[tuple[float, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        random = _repeatable(self.seed)
        self.climate = Climate.draw(random)
        self.random = _repeatable(random.random())
        self.loop = SimulatedLoop(_repeatable(random.random()))
        self.weather = Weather(_repeatable(random.random()), self.climate)
        self.policy = Policy(
            idempotency_window_s=self.climate.trust_s,
            retry_timeout_s=GIVE_UP_S,
            initial_backoff_s=1.0,
        )
        self.tables = self.variant.tables(self)
        self.ledger = Ledger(self.climate, self.tables, self.loop.time, self.fail)
        self.vendor = SimulatedVendor(self.climate, self.loop, self.ledger)
        self.machines = [Machine(number) for number in range(self.climate.processes)]
        self.callers = Callers(self, _repeatable(random.random()))
        self.runs: dict[str, ProcessRun] = {}
        self._is_wrong = asyncio.Event()
        self._restarts: list[asyncio.Task[None]] = []
        self._awaited: list[Machine] = []
        self._passed: Counter[str] = Counter()
        self._ambushes = list(self.climate.ambushes)

    # What others need of the world

    def make_runtime(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> SimulatedRuntime:
        return self.variant.runtime(name, store, families, clock)

    def trace(self, who: object, what: str) -> None:
        """Note what happens."""
        self.traced.append((self.loop.time(), str(who), what))

    def fail(self, violation: str) -> None:
        """Note what is wrong, and come to an end."""
        self.trace("VIOLATION", violation)
        self.violations.append(violation)
        self._is_wrong.set()

    def is_gone(self, process: str) -> bool:
        run = self.runs.get(process.partition("-")[0])
        return self.climate.sees_processes and run is not None and run.actor.is_dead

    def is_locked(self) -> bool:
        return not self.weather.is_healed and self.weather.random.random() < 0.1

    def has_recorded(self, record: OperationRecord) -> None:
        self.ledger.has_recorded(record)

    def has_stored(self, run: ProcessRun, operation_id: str, what: StoredStruct) -> None:
        self.trace(run.name, f"stores {operation_id} {what}")
        self.ledger.has_stored(operation_id, what)

    def looks(self, run: ProcessRun, record: OperationRecord) -> None:
        self.trace(run.name, f"looks for {record.id}")
        self.ledger.looks(record)

    def wants_slot(self, run: ProcessRun, record: OperationRecord) -> None:
        self.trace(run.name, f"wants a slot for {record.id}")
        self.ledger.wants_slot(record, run.name)

    def posts(self, run: ProcessRun, record: OperationRecord) -> None:
        self.trace(run.name, f"posts {record.id}")
        self.ledger.posts(record)
        if self.variant.has_others and self.random.random() < _SUSPENDED_MEANWHILE:
            delay_s = self.random.uniform(0.0, _SUSPENDED_WITHIN_S)
            self.loop.later(delay_s, partial(self.vendor.suspend, record))

    def passes(self, run: ProcessRun, point: str) -> None:
        """Spring the ambushes at a point."""
        self._passed[point] += 1
        if point == "wait stored" and run.machine in self._awaited:
            self._call_once(run.machine)
        for ambush in self._ambushes:
            if ambush.point == point and ambush.count == self._passed[point]:
                self._spring(run, ambush)

    def _spring(self, run: ProcessRun, ambush: Ambush) -> None:
        if self.weather.is_healed or run.actor.is_dead:
            return
        self.trace(run.name, f"is ambushed when {ambush.point}")
        self.strike(Fault(ambush.fault.kind, run.machine.number, ambush.fault.lasts_s))

    # Its course

    async def live(self) -> None:
        """Go through faults to the end of everything; or to the first thing that is wrong."""
        living = asyncio.create_task(self._live())
        wrong = asyncio.create_task(self._is_wrong.wait())
        await asyncio.wait({living, wrong}, return_when=asyncio.FIRST_COMPLETED)
        for task in (living, wrong):
            task.cancel()
        await asyncio.gather(wrong, return_exceptions=True)
        result = await asyncio.gather(living, return_exceptions=True)
        if not self.violations and isinstance(result[0], BaseException):
            self.fail("".join(traceback.format_exception(result[0])))
        await self._clear()

    async def _live(self) -> None:
        for machine in self.machines:
            self.start(machine)
        self.vendor.held = draw_customers(self.random)
        wishes = draw_wishes(self.random, self.vendor.held)
        buying, others = self._call(wishes)
        for at, fault in self.climate.plan:
            self.loop.later(at, partial(self.strike, fault))
        await asyncio.sleep(FAULTS_S)
        await self._heal()
        await self._wait_ended(buying)
        for task in (*buying, *others):
            task.cancel()
        await asyncio.gather(*buying, *others, return_exceptions=True)
        await self._check_end()

    def _call(
        self, wishes: list[Wish]
    ) -> "tuple[list[asyncio.Task[None]], list[asyncio.Task[None]]]":
        """Begin to call; returns who has to be served, and who calls as long as the world goes."""
        buying = [
            asyncio.create_task(self.callers.buy(wish))
            for wish in wishes
            for _ in range(self.random.choice((1, 1, 2, 3)))
        ]
        cancelling = [
            self.callers.cancel(wish)
            for wish in wishes
            if wish.is_batch and self.random.random() < 0.4
        ]
        endless = (self.callers.read(), self.callers.watch(), self.callers.settle())
        return buying, [asyncio.create_task(work) for work in (*endless, *cancelling)]

    def start(self, machine: Machine) -> None:
        """Start a process on a machine that has none."""
        if machine.run is None:
            run = machine.run = ProcessRun(self, machine)
            self.runs[run.name] = run
            self.trace(run.name, "starts")
            run.start()

    def strike(self, fault: Fault) -> None:
        """Have a fault take place, and end after its time."""
        if self.weather.is_healed:
            return
        machine = self.machines[fault.target]
        self.trace("fault", f"{fault.kind} {machine.number} for {fault.lasts_s:.1f} s")
        if fault.kind in {"crash", "stop", "restart", "callers leave"}:
            self._strike_process(fault, machine)
        elif fault.kind in {"cut off", "hang"}:
            self.weather.cut_off[machine.number] = fault.kind
            self.loop.later(fault.lasts_s, lambda: self.weather.cut_off.pop(machine.number, None))
        elif fault.kind == "set clock":
            machine.offset_s += self.random.choice((-7200.0, -30.0, 30.0, 7200.0))
        else:
            self._strike_all(fault)

    def _strike_process(self, fault: Fault, machine: Machine) -> None:
        run = machine.run
        if run is None:
            return
        if fault.kind == "crash":
            run.die()
            self.loop.later(fault.lasts_s, lambda: self.start(machine))
        elif fault.kind == "stop":
            run.stand_still()
            self.loop.later(fault.lasts_s, run.go_on)
        elif fault.kind == "callers leave":
            run.tokens.clear()
        else:
            self._restarts.append(asyncio.create_task(self._restart(run)))

    def _strike_all(self, fault: Fault) -> None:
        name = {
            "down": "is_store_down",
            "read-only": "is_store_read_only",
            "slow": "is_store_slow",
            "vendor down": "is_vendor_down",
        }[fault.kind]
        setattr(self.weather, name, True)
        self.loop.later(fault.lasts_s, lambda: setattr(self.weather, name, False))

    async def _restart(self, run: ProcessRun) -> None:
        """Stop a process in good order, and start another one."""
        await self._stop(run)
        self.start(run.machine)

    async def _stop(self, run: ProcessRun) -> None:
        if run.actor.is_dead:
            return
        stopping = run.spawn(run.stop(_GRACE_S))
        await asyncio.wait({stopping}, timeout=_STOPPED_S)
        run.die()
        if stopping.done() and not stopping.cancelled():
            stopping.result()

    async def _heal(self) -> None:
        self.trace("world", "heals")
        self.weather.heal()
        for machine in self.machines:
            if machine.run is None:
                self.start(machine)
            else:
                machine.run.go_on()
        await asyncio.gather(*self._restarts)  # a process that stops keeps no token
        # Half of the processes are called at the very moment at which an operation begins to wait.
        self._awaited = [machine for machine in self.machines if self.random.random() < 0.5]
        hurried = [machine for machine in self.machines if machine not in self._awaited]
        await asyncio.sleep(self.random.uniform(0.0, 40.0))
        for machine in [*hurried, *self._awaited]:
            self._call_once(machine)

    def _call_once(self, machine: Machine) -> None:
        """Let every caller call: an operation that waits for one must not need a second call."""
        if machine in self._awaited:
            self._awaited.remove(machine)
        for principal in PRINCIPALS:
            if machine.run is not None:
                machine.run.arrive(principal)

    async def _wait_ended(self, buying: "list[asyncio.Task[None]]") -> None:
        """Wait until every caller is served and nothing is open, but not for ever."""
        for _ in range(int(HEALED_S)):
            if all(task.done() for task in buying) and self._is_all_ended():
                return
            await asyncio.sleep(1.0)
        if not all(task.done() for task in buying):
            self.fail("callers are still not served")

    def _is_all_ended(self) -> bool:
        return all(row.ended is not None for row in self.tables.rows.values())

    async def _check_end(self) -> None:
        await asyncio.gather(*self._restarts)
        self.ledger.check_end()
        for machine in self.machines:
            if machine.run is not None:
                await self.callers.read_all(machine.run)
        for machine in self.machines:
            if machine.run is not None:
                await self._check_stop(machine.run)

    async def _check_stop(self, run: ProcessRun) -> None:
        """Stop a process that has nothing to do any more: nothing of it may be left."""
        for _ in range(_TRIES):  # what still waits for the store, or watches, ends
            if len(run.actor.tasks) > 1:  # besides its looking after its lease
                await asyncio.sleep(_GRACE_S)
        stopping = run.spawn(run.stop(_GRACE_S))
        await asyncio.wait({stopping}, timeout=_STOPPED_S)
        await asyncio.sleep(0.0)
        if run.partner.slots:
            self.fail(f"{run.name} has kept {len(run.partner.slots)} slots")
        if run.actor.tasks:
            self.fail(f"{run.name} has not stopped: {run.actor.tasks}")

    async def _clear(self) -> None:
        """Let all that is left unwind."""
        for machine in self.machines:
            if machine.run is not None:
                machine.run.die()
        tasks = [task for run in self.runs.values() for task in run.actor.tasks]
        tasks += [task for task in self.loop.world.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def _repeatable(seed: float) -> Random:
    return Random(seed)  # noqa: S311 - it decides what is tried, and keeps no secret
