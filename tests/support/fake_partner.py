"""A fake vendor with many subscriptions."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from gateway.clock import Clock
from gateway.operations.model.record import OperationRecord, Policy, create_record
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
    SendResult,
    UpstreamProgress,
    Verdict,
)
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
from tests.support.slots import FreeSlots

ORDER = UpgradeOrder(
    SubscriptionKey("customer-1", "subscription-1"), "offer-1", UpgradeType.UPGRADE_ONLY
)
POLICY = Policy(idempotency_window_s=600, retry_timeout_s=3600, initial_backoff_s=1)

DecideFate: TypeAlias = Callable[[OperationRecord], SendFate]


def make_record(policy: Policy = POLICY, now: float = 0.0) -> OperationRecord:
    return create_record(ORDER, "somebody", "key-1", request_id="request-1", now=now, policy=policy)


def in_turn(*fates: SendFate) -> DecideFate:
    """Decide the fates of the first sends; later ones are DONE."""
    left = iter(fates)
    return lambda record: next(left, SendFate.DONE)


@dataclass
class FakePartner(FreeSlots):
    """Executes each request id once, until `forget` is called.

    Attributes:
        fate: decides what happens to each send; LATE takes effect when `deliver` is called.
        hides_purchases: reconciliation fails.
        is_slow: never completes the orders that it accepts and that are polled.
        upgrades_once: refuses to upgrade a subscription again. By default it does not, as the
            gateway must prevent that.
        purchases: by subscription, the request id that upgraded it last.
        purchase_counts: how often each request id was executed.
        sends: the subscriptions of all sends, in order.
        request_ids: those of all sends, in order.
        correlation_ids: those of all sends, in order.
    """

    clock: Clock
    fate: DecideFate = lambda record: SendFate.DONE
    hides_purchases: bool = False
    is_slow: bool = False
    upgrades_once: bool = False
    purchases: dict[str, str] = field(default_factory=dict)
    purchase_counts: Counter[str] = field(default_factory=Counter)
    sends: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)
    known_request_ids: set[str] = field(default_factory=set)
    in_flight: list[OperationRecord] = field(default_factory=list)
    late_ids: set[str] = field(default_factory=set)

    async def check(self, record: OperationRecord, correlation_id: str) -> CheckResult:
        return check_result(self.clock.wall(), is_sold=subscription_of(record) in self.purchases)

    async def send(
        self, record: OperationRecord, facts: Baseline, correlation_id: str
    ) -> SendResult:
        at = self.clock.wall()
        self.sends.append(subscription_of(record))
        self.request_ids.append(record.request_id)
        self.correlation_ids.append(correlation_id)
        fate = self.fate(record)
        if (refused := unaccepted_result(fate, at)) is not None:
            return refused
        if fate is not SendFate.DONE:
            self._lose(record, fate)
            return unanswered_result(at)
        self._perform(record)
        if not isinstance(record.order, UpgradeOrder):  # accepted, and then polled
            return SendResult(outcome=AttemptOutcome.SUCCEEDED, at=at, reference=record.id)
        return SendResult(
            outcome=AttemptOutcome.SUCCEEDED,
            at=at,
            has_errors=self.purchases[subscription_of(record)] != record.request_id,
            body=_result_body(record),
        )

    def _lose(self, record: OperationRecord, fate: SendFate) -> None:
        if fate is SendFate.LATE:
            self.in_flight.append(record)
            self.late_ids.add(record.request_id)
        elif fate is SendFate.RESPONSE_LOST:
            self._perform(record)

    def deliver(self) -> None:
        """Execute all late sends."""
        for record in self.in_flight:
            self._perform(record)
        self.in_flight.clear()

    def forget(self) -> None:
        # A vendor that forgets late ids executes them twice, which no client can detect.
        self.known_request_ids &= self.late_ids

    def _perform(self, record: OperationRecord) -> None:
        if record.request_id in self.known_request_ids:
            return
        self.known_request_ids.add(record.request_id)
        if self.upgrades_once and subscription_of(record) in self.purchases:
            return
        self.purchase_counts[record.request_id] += 1
        self.purchases[subscription_of(record)] = record.request_id

    async def reconcile(self, record: OperationRecord, facts: Baseline) -> ReconcileResult:
        if self.hides_purchases:
            return ReconcileResult(at=self.clock.wall(), blocker=Blocker(message="out of order"))
        is_done = subscription_of(record) in self.purchases
        return ReconcileResult(
            at=self.clock.wall(),
            verdict=Verdict.DONE if is_done else Verdict.NOT_DONE,
            body=_result_body(record) if is_done else None,
        )

    async def poll(self, record: OperationRecord, reference: str) -> PollResult:
        assert reference == record.id, "upgrades complete in their response"
        progress = UpstreamProgress.RUNNING if self.is_slow else UpstreamProgress.DONE
        return PollResult(at=self.clock.wall(), progress=progress)


def subscription_of(record: OperationRecord) -> str:
    return record.order.source_id or record.order.subject


def _result_body(record: OperationRecord) -> str:
    members = {"sourceSubscriptionId": subscription_of(record), "targetSubscriptionId": "target"}
    return msgspec.json.encode(members).decode()
