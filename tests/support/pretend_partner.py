"""A vendor made of a few variables, and a journal in memory that can be cut off anywhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from gateway.operations.model.record import OperationRecord, Policy, StoredStruct, create_record
from gateway.operations.model.steps import (
    Baseline,
    CheckResult,
    Failure,
    PollResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from gateway.operations.rival_operations import RivalOperations
from resolvers.orders import UpgradeOrder
from schema.keys import SubscriptionKey
from schema.operation import AttemptOutcome
from schema.upgrade import UpgradeResult, UpgradeType
from tests.support.clock import FakeClock
from tests.support.sendings import checked, not_accepted, unanswered
from tests.support.slots import FreeSlots

S = TypeVar("S", bound=StoredStruct)

ORDER = UpgradeOrder(
    SubscriptionKey("customer-1", "subscription-1"), "offer-1", UpgradeType.UPGRADE_ONLY
)
POLICY = Policy(idempotency_window_s=600, retry_timeout_s=3600, initial_backoff_s=1)
BOUGHT = '{"sourceSubscriptionId":"subscription-1","targetSubscriptionId":"target-1"}'


def record_of(policy: Policy = POLICY, now: float = 0.0) -> OperationRecord:
    """An operation that has just been recorded."""
    return create_record(ORDER, "somebody", "key-1", request_id="request-1", now=now, policy=policy)


class Crash(BaseException):
    """The end of a process, as its code sees it: nothing at all."""


@dataclass
class MemoryJournal:
    """Keeps the ends of steps; `crashes` says before and after which step the process dies."""

    ends: list[object] = field(default_factory=list)
    crashes: Callable[[str], bool] = lambda moment: False
    position: int = 0

    async def step(self, name: str, kind: type[S], act: Callable[[], Awaitable[S]]) -> S:
        if self.position < len(self.ends):
            recorded = self.ends[self.position]
            self.position += 1
            return msgspec.convert(recorded, kind)
        self._perhaps_die(f"before {name}")
        end = msgspec.to_builtins(await act())
        self._perhaps_die(f"after {name}, before its commit")
        self.ends.append(end)
        self.position += 1
        self._perhaps_die(f"after {name}")
        return msgspec.convert(end, kind)

    def _perhaps_die(self, moment: str) -> None:
        if self.crashes(moment):
            raise Crash(moment)


@dataclass
class PretendPartner(FreeSlots):
    """Sells one upgrade; remembers request ids unless told to forget.

    Attributes:
        script: what happens to each sending, in turn; then all goes well.
    """

    clock: FakeClock
    script: list[str] = field(default_factory=list)
    purchases: int = 0
    sent: list[str] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)
    remembered: dict[str, bool] = field(default_factory=dict)

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        return checked(self.clock.wall(), is_sold=self.purchases > 0)

    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult:
        self.sent.append(record.request_id)
        self.correlation_ids.append(correlation_id)
        fate = self.script.pop(0) if self.script else "done"
        at = self.clock.wall()
        if (refused := not_accepted(fate, at)) is not None:
            return refused
        if fate == "request lost":
            return unanswered(at)
        is_performed = self._perform(record.request_id)
        if fate == "answer lost":
            return unanswered(at)
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED, at=at, has_errors=not is_performed, body=BOUGHT
        )

    def _perform(self, request_id: str) -> bool:
        if request_id in self.remembered:
            return self.remembered[request_id]
        is_performed = self.purchases == 0
        self.purchases += is_performed
        self.remembered[request_id] = is_performed
        return is_performed

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        verdict = Verdict.DONE if self.purchases else Verdict.NOT_DONE
        return ReconcileResult(at=self.clock.wall(), verdict=verdict, body=BOUGHT)

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        raise AssertionError("the answer to an upgrade is its end: it is never followed")

    def upgrade_result(self, body: str, customer_id: str) -> UpgradeResult:
        raise AssertionError("workflows record answers and do not read them for the graph")


class Alone:
    """Implements `gateway.operations.workflow.Surroundings` for the only operation there is."""

    may_send = True

    def __init__(self, clock: FakeClock, process: str = "here") -> None:
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
