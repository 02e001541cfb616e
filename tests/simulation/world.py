"""One simulated run: the processes, store, vendor and callers of a seed, and its faults."""

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
from tests.simulation.callers import Callers, Submission
from tests.simulation.faults import FAULTS_S, Fault, FaultKind, FaultState, Scenario, Trigger
from tests.simulation.invariants import InvariantChecker
from tests.simulation.loop import SimulatedLoop
from tests.simulation.population import PRINCIPALS, draw_customers, draw_submissions
from tests.simulation.processes import (
    RETRY_TIMEOUT_S,
    Machine,
    ProcessRun,
    SimulatedClock,
    SimulatedRuntime,
)
from tests.simulation.tables import Tables
from tests.simulation.vendor import SimulatedVendor

RECOVERY_S: Final = 400.0
"""How long everything may take to end after the last fault."""
_GRACE_S: Final = 5.0
_SUSPENSION_PROBABILITY: Final = 0.5
_SUSPENSION_WITHIN_S: Final = 10.0
_TRIES: Final = 20
_STOP_TIMEOUT_S: Final = 60.0


_PROCESS_KINDS: Final = frozenset(
    {FaultKind.CRASH, FaultKind.SUSPEND, FaultKind.RESTART, FaultKind.DROP_TOKENS}
)


@dataclass(frozen=True)
class Variant:
    """The code that is simulated: the product, or a mutant of it.

    Attributes:
        has_others: other people suspend subscriptions during their upgrade.
    """

    name: str
    tables: type[Tables] = Tables
    runtime: type[SimulatedRuntime] = SimulatedRuntime
    has_others: bool = False


@dataclass
class SimulatedWorld:
    """Implements `ProcessWorld`, `CallerWorld` and `TableHost`."""

    seed: int
    variant: Variant
    violations: list[str] = field(default_factory=list)
    trace_lines: list[tuple[float, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        random = _seeded(self.seed)
        self.scenario = Scenario.draw(random)
        self.random = _seeded(random.random())
        self.loop = SimulatedLoop(_seeded(random.random()))
        self.fault_state = FaultState(_seeded(random.random()), self.scenario)
        self.policy = Policy(
            idempotency_window_s=self.scenario.idempotency_window_s,
            retry_timeout_s=RETRY_TIMEOUT_S,
            initial_backoff_s=1.0,
        )
        self.tables = self.variant.tables(self)
        self.checker = InvariantChecker(self.scenario, self.tables, self.loop.time, self.fail)
        self.vendor = SimulatedVendor(self.scenario, self.loop, self.checker)
        self.machines = [Machine(number) for number in range(self.scenario.processes)]
        self.callers = Callers(self, _seeded(random.random()))
        self.runs: dict[str, ProcessRun] = {}
        self._has_failed = asyncio.Event()
        self._restarts: list[asyncio.Task[None]] = []
        self._called_on_wait: list[Machine] = []
        self._point_counts: Counter[str] = Counter()
        self._triggers = list(self.scenario.triggers)

    def make_runtime(
        self, name: str, store: OperationStore, families: UpgradeFamilies, clock: SimulatedClock
    ) -> SimulatedRuntime:
        return self.variant.runtime(name, store, families, clock)

    def trace(self, source: object, what: str) -> None:
        self.trace_lines.append((self.loop.time(), str(source), what))

    def fail(self, violation: str) -> None:
        """Record a violation, and end the run."""
        self.trace("VIOLATION", violation)
        self.violations.append(violation)
        self._has_failed.set()

    def has_ended(self, process: str) -> bool:
        run = self.runs.get(process.partition("-")[0])
        return self.scenario.detects_dead_processes and run is not None and run.actor.is_killed

    def is_locked(self) -> bool:
        return not self.fault_state.is_healed and self.fault_state.random.random() < 0.1

    def on_recorded(self, record: OperationRecord) -> None:
        self.checker.on_recorded(record)

    def on_stored(self, run: ProcessRun, operation_id: str, what: StoredStruct) -> None:
        self.trace(run.name, f"stores {operation_id} {what}")
        self.checker.on_stored(operation_id, what)

    def on_reconcile(self, run: ProcessRun, record: OperationRecord) -> None:
        self.trace(run.name, f"reconciles {record.id}")
        self.checker.on_reconcile(record)

    def on_slot_request(self, run: ProcessRun, record: OperationRecord) -> None:
        self.trace(run.name, f"wants a slot for {record.id}")
        self.checker.on_slot_request(record, run.name)

    def on_post(self, run: ProcessRun, record: OperationRecord) -> None:
        self.trace(run.name, f"posts {record.id}")
        self.checker.on_post(record)
        if self.variant.has_others and self.random.random() < _SUSPENSION_PROBABILITY:
            delay_s = self.random.uniform(0.0, _SUSPENSION_WITHIN_S)
            self.loop.schedule(delay_s, partial(self.vendor.suspend, record))

    def reached(self, run: ProcessRun, point: str) -> None:
        """Fire the triggers of a point."""
        self._point_counts[point] += 1
        if point == "wait stored" and run.machine in self._called_on_wait:
            self._call_once(run.machine)
        for trigger in self._triggers:
            if trigger.point == point and trigger.count == self._point_counts[point]:
                self._fire(run, trigger)

    def _fire(self, run: ProcessRun, trigger: Trigger) -> None:
        if self.fault_state.is_healed or run.actor.is_killed:
            return
        self.trace(run.name, f"fires {trigger.fault.kind} at {trigger.point!r}")
        self.inject(Fault(trigger.fault.kind, run.machine.number, trigger.fault.lasts_s))

    async def run(self) -> None:
        """Run until everything has ended after the faults, or until the first violation."""
        living = asyncio.create_task(self._run())
        wrong = asyncio.create_task(self._has_failed.wait())
        await asyncio.wait({living, wrong}, return_when=asyncio.FIRST_COMPLETED)
        for task in (living, wrong):
            task.cancel()
        await asyncio.gather(wrong, return_exceptions=True)
        result = await asyncio.gather(living, return_exceptions=True)
        if not self.violations and isinstance(result[0], BaseException):
            self.fail("".join(traceback.format_exception(result[0])))
        await self._clear()

    async def _run(self) -> None:
        for machine in self.machines:
            self.start(machine)
        self.vendor.subscriptions = draw_customers(self.random)
        submissions = draw_submissions(self.random, self.vendor.subscriptions)
        buying, others = self._start_callers(submissions)
        for at, fault in self.scenario.plan:
            self.loop.schedule(at, partial(self.inject, fault))
        await asyncio.sleep(FAULTS_S)
        await self._heal()
        await self._wait_ended(buying)
        for task in (*buying, *others):
            task.cancel()
        await asyncio.gather(*buying, *others, return_exceptions=True)
        await self._check_end()

    def _start_callers(
        self, submissions: list[Submission]
    ) -> "tuple[list[asyncio.Task[None]], list[asyncio.Task[None]]]":
        """Start all callers. Returns the tasks that must end, and those that never do."""
        buying = [
            asyncio.create_task(self.callers.submit_until_acknowledged(submission))
            for submission in submissions
            for _ in range(self.random.choice((1, 1, 2, 3)))
        ]
        cancelling = [
            self.callers.cancel(submission)
            for submission in submissions
            if submission.is_batch and self.random.random() < 0.4
        ]
        endless = (
            self.callers.read_repeatedly(),
            self.callers.watch_repeatedly(),
            self.callers.settle_repeatedly(),
        )
        return buying, [asyncio.create_task(work) for work in (*endless, *cancelling)]

    def start(self, machine: Machine) -> None:
        """Start a process, unless the machine runs one."""
        if machine.run is None:
            run = machine.run = ProcessRun(self, machine)
            self.runs[run.name] = run
            self.trace(run.name, "starts")
            run.start()

    def inject(self, fault: Fault) -> None:
        """Start a fault, and schedule its end."""
        if self.fault_state.is_healed:
            return
        machine = self.machines[fault.target]
        self.trace("fault", f"{fault.kind} {machine.number} for {fault.lasts_s:.1f} s")
        if fault.kind in _PROCESS_KINDS:
            self._inject_process_fault(fault, machine)
        elif fault.kind in {FaultKind.STORE_UNREACHABLE, FaultKind.STORE_HANGS}:
            self.fault_state.unreachable_store[machine.number] = fault.kind
            self.loop.schedule(
                fault.lasts_s, lambda: self.fault_state.unreachable_store.pop(machine.number, None)
            )
        elif fault.kind is FaultKind.SET_CLOCK:
            machine.offset_s += self.random.choice((-7200.0, -30.0, 30.0, 7200.0))
        else:
            self._inject_global_fault(fault)

    def _inject_process_fault(self, fault: Fault, machine: Machine) -> None:
        run = machine.run
        if run is None:
            return
        if fault.kind is FaultKind.CRASH:
            run.kill()
            self.loop.schedule(fault.lasts_s, lambda: self.start(machine))
        elif fault.kind is FaultKind.SUSPEND:
            run.suspend()
            self.loop.schedule(fault.lasts_s, run.resume)
        elif fault.kind is FaultKind.DROP_TOKENS:
            run.tokens.clear()
        else:
            self._restarts.append(asyncio.create_task(self._restart(run)))

    def _inject_global_fault(self, fault: Fault) -> None:
        name = {
            FaultKind.STORE_DOWN: "is_store_down",
            FaultKind.STORE_READ_ONLY: "is_store_read_only",
            FaultKind.STORE_SLOW: "is_store_slow",
            FaultKind.VENDOR_DOWN: "is_vendor_down",
        }[fault.kind]
        setattr(self.fault_state, name, True)
        self.loop.schedule(fault.lasts_s, lambda: setattr(self.fault_state, name, False))

    async def _restart(self, run: ProcessRun) -> None:
        """Stop a process gracefully, and start another one."""
        await self._stop(run)
        self.start(run.machine)

    async def _stop(self, run: ProcessRun) -> None:
        if run.actor.is_killed:
            return
        stopping = run.spawn(run.stop(_GRACE_S))
        await asyncio.wait({stopping}, timeout=_STOP_TIMEOUT_S)
        run.kill()
        if stopping.done() and not stopping.cancelled():
            stopping.result()

    async def _heal(self) -> None:
        self.trace("world", "heals")
        self.fault_state.heal()
        for machine in self.machines:
            if machine.run is None:
                self.start(machine)
            else:
                machine.run.resume()
        await asyncio.gather(*self._restarts)  # a process that stops forgets its tokens
        # Half of the machines get their request at the moment at which an operation begins to wait.
        self._called_on_wait = [machine for machine in self.machines if self.random.random() < 0.5]
        hurried = [machine for machine in self.machines if machine not in self._called_on_wait]
        await asyncio.sleep(self.random.uniform(0.0, 40.0))
        for machine in [*hurried, *self._called_on_wait]:
            self._call_once(machine)

    def _call_once(self, machine: Machine) -> None:
        """Send one request of every principal: it must be enough to resume their operations."""
        if machine in self._called_on_wait:
            self._called_on_wait.remove(machine)
        for principal in PRINCIPALS:
            if machine.run is not None:
                machine.run.receive_token(principal)

    async def _wait_ended(self, buying: "list[asyncio.Task[None]]") -> None:
        """Wait up to RECOVERY_S until all callers are served and nothing is open."""
        for _ in range(int(RECOVERY_S)):
            if all(task.done() for task in buying) and self._is_all_ended():
                return
            await asyncio.sleep(1.0)
        if not all(task.done() for task in buying):
            self.fail("some callers have no response")

    def _is_all_ended(self) -> bool:
        return all(row.ended is not None for row in self.tables.rows.values())

    async def _check_end(self) -> None:
        await asyncio.gather(*self._restarts)
        self.checker.check_end()
        for machine in self.machines:
            if machine.run is not None:
                await self.callers.read_all(machine.run)
        for machine in self.machines:
            if machine.run is not None:
                await self._check_stop(machine.run)

    async def _check_stop(self, run: ProcessRun) -> None:
        """Stop an idle process, and check that it leaves no slot and no task."""
        for _ in range(_TRIES):  # calls to the store and watches end first
            if len(run.actor.tasks) > 1:  # one is the renewal of its lease
                await asyncio.sleep(_GRACE_S)
        stopping = run.spawn(run.stop(_GRACE_S))
        await asyncio.wait({stopping}, timeout=_STOP_TIMEOUT_S)
        await asyncio.sleep(0.0)
        if run.activities.slots:
            self.fail(f"{run.name} has kept {len(run.activities.slots)} slots")
        if run.actor.tasks:
            self.fail(f"{run.name} has not stopped: {run.actor.tasks}")

    async def _clear(self) -> None:
        """Cancel all remaining tasks."""
        for machine in self.machines:
            if machine.run is not None:
                machine.run.kill()
        tasks = [task for run in self.runs.values() for task in run.actor.tasks]
        tasks += [task for task in self.loop.world.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def _seeded(seed: float) -> Random:
    return Random(seed)  # noqa: S311 - not for security
