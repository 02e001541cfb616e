"""A journal in memory that can crash at any step, and the host of a single operation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from gateway.clock import Clock
from gateway.operations.model.record import OperationRecord, StoredStruct
from gateway.operations.model.steps import Failure
from gateway.operations.rival_operations import RivalOperations

S = TypeVar("S", bound=StoredStruct)


class Crash(BaseException):
    """Ends a workflow as the end of its process would."""


@dataclass
class MemoryJournal:
    """Keeps the results of steps in memory.

    Attributes:
        crashes: whether the process ends at a moment, such as "before send" or "after send".
    """

    results: list[object] = field(default_factory=list)
    crashes: Callable[[str], bool] = lambda moment: False
    position: int = 0

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        if self.position < len(self.results):
            recorded = self.results[self.position]
            self.position += 1
            return msgspec.convert(recorded, kind)
        self._maybe_crash(f"before {name}")
        end = msgspec.to_builtins(await act())
        self._maybe_crash(f"after {name}, before its commit")
        self.results.append(end)
        self.position += 1
        self._maybe_crash(f"after {name}")
        return msgspec.convert(end, kind)

    def _maybe_crash(self, moment: str) -> None:
        if self.crashes(moment):
            raise Crash(moment)


class SingleOperationHost:
    """Implements `gateway.operations.workflow_steps.WorkflowHost` for a single operation."""

    may_send = True

    def __init__(self, clock: Clock, process: str = "here") -> None:
        self._clock = clock
        self.process_run_id = process

    async def acquire_subject(self, record: OperationRecord) -> Failure | None:
        return None

    async def rivals(self, record: OperationRecord) -> RivalOperations:
        return RivalOperations(record, ())

    async def is_credited_to_another(self, record: OperationRecord, purchase: str) -> bool:
        return False

    async def pause(
        self, record: OperationRecord, seconds: float | None, *, is_unsent: bool
    ) -> None:
        if seconds is not None:
            await self._clock.sleep(seconds)

    async def is_cancelled(self, record: OperationRecord) -> bool:
        return False
