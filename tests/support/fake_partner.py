"""A fake vendor with one subscription, and a journal in memory that can crash at any step."""

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
from schema.upgrade import UpgradeType
from tests.support.canned_results import (
    SendFate,
    check_result,
    unaccepted_result,
    unanswered_result,
)
from tests.support.clock import FakeClock
from tests.support.slots import FreeSlots

S = TypeVar("S", bound=StoredStruct)

ORDER = UpgradeOrder(
    SubscriptionKey("customer-1", "subscription-1"), "offer-1", UpgradeType.UPGRADE_ONLY
)
POLICY = Policy(idempotency_window_s=600, retry_timeout_s=3600, initial_backoff_s=1)
RESULT_BODY = '{"sourceSubscriptionId":"subscription-1","targetSubscriptionId":"target-1"}'


def make_record(policy: Policy = POLICY, now: float = 0.0) -> OperationRecord:
    return create_record(ORDER, "somebody", "key-1", request_id="request-1", now=now, policy=policy)


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


@dataclass
class FakePartner(FreeSlots):
    """Sells one upgrade, and recognizes repeated request ids.

    Attributes:
        fates: what happens to each send, in order; later ones are done.
    """

    clock: FakeClock
    fates: list[SendFate] = field(default_factory=list)
    purchases: int = 0
    sent: list[str] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)
    known_request_ids: dict[str, bool] = field(default_factory=dict)

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        return check_result(self.clock.wall(), is_sold=self.purchases > 0)

    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult:
        self.sent.append(record.request_id)
        self.correlation_ids.append(correlation_id)
        fate = self.fates.pop(0) if self.fates else SendFate.DONE
        at = self.clock.wall()
        if (refused := unaccepted_result(fate, at)) is not None:
            return refused
        if fate is SendFate.REQUEST_LOST:
            return unanswered_result(at)
        is_performed = self._perform(record.request_id)
        if fate is SendFate.RESPONSE_LOST:
            return unanswered_result(at)
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED, at=at, has_errors=not is_performed, body=RESULT_BODY
        )

    def _perform(self, request_id: str) -> bool:
        if request_id in self.known_request_ids:
            return self.known_request_ids[request_id]
        is_performed = self.purchases == 0
        self.purchases += is_performed
        self.known_request_ids[request_id] = is_performed
        return is_performed

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        verdict = Verdict.DONE if self.purchases else Verdict.NOT_DONE
        return ReconcileResult(at=self.clock.wall(), verdict=verdict, body=RESULT_BODY)

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        raise AssertionError("upgrades complete in their response and are never polled")


class SingleOperationHost:
    """Implements `gateway.operations.workflow_steps.WorkflowHost` for a single operation."""

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
