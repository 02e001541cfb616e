"""Runs one seed. A seed has the same trace on every machine and in any order of seeds."""

import gc
import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from tests.simulation.faults import Scenario
from tests.simulation.loop import START_S, Deadlock, current_actor
from tests.simulation.world import SimulatedWorld, Variant

PRODUCT: Final = Variant("the product")
WITH_OTHERS: Final = Variant("with others", has_others=True)


@dataclass(frozen=True, slots=True)
class SeedResult:
    """The result of a seed.

    Attributes:
        trace: events in order: time, actor, text.
        counts: operations by state; callbacks; purchases.
    """

    seed: int
    scenario: Scenario
    violations: tuple[str, ...]
    trace: tuple[tuple[float, str, str], ...]
    counts: Counter[str]

    @property
    def digest(self) -> str:
        """A hash of the trace: the same in every run of the seed."""
        text = "\n".join(f"{at:.9f} {source} {what}" for at, source, what in self.trace)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def without_trace(self) -> "SeedResult":
        return replace(self, trace=())

    def report(self, lines: int = 200) -> str:
        """Format the last lines of the trace, and the violations."""
        lines_shown = self.trace[-lines:]
        shown = [f"{at - START_S:10.3f}  {source:9} {what}" for at, source, what in lines_shown]
        wrong = [f"seed {self.seed}: {each}" for each in self.violations]
        return "\n".join([str(self.scenario), *shown, *wrong])


def simulate(seed: int, variant: Variant = PRODUCT) -> SeedResult:
    world = SimulatedWorld(seed, variant)
    loop = world.loop

    def noted(_: object, context: dict[str, Any]) -> None:
        world.fail(f"unhandled: {context.get('message')}: {context.get('exception')!r}")

    loop.set_exception_handler(noted)
    loop.on_too_many_callbacks = lambda: world.fail("too many callbacks: the run does not end")
    with _trace_logs(world), _without_garbage_collection():
        try:
            loop.run(world.run())
        except Deadlock:
            world.fail("deadlock: every task waits, and no timer is left")
        finally:
            loop.close()
    return _build_result(world)


def _build_result(world: SimulatedWorld) -> SeedResult:
    counts = Counter(
        found.result.outcome.state.name if found.result else "OPEN"
        for found in world.tables.operations()
    )
    counts["callbacks"] = world.loop.callbacks
    counts["purchases"] = sum(map(len, world.checker.purchases.values()))
    violations, trace = tuple(world.violations), tuple(world.trace_lines)
    return SeedResult(world.seed, world.scenario, violations, trace, counts)


@contextmanager
def _trace_logs(world: SimulatedWorld) -> Iterator[None]:
    """Add log events to the trace; an exception in the log is a violation."""

    def note(_: object, level: str, event: MutableMapping[str, Any]) -> str:
        fault = event.get("exc_info")
        what = event["event"]
        world.trace(current_actor(), f"logs {level}: {what} {event.get('operation_id', '')}")
        if isinstance(fault, BaseException):
            world.fail(f"{what}: {fault!r}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[note],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Prevent garbage collection, which closes generators at times that no seed determines."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
