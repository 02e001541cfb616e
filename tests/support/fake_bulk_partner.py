"""A vendor of many subscriptions, made of a few variables; every fault on demand."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from gateway.clock import Clock
from gateway.operations.model.record import OperationRecord
from gateway.operations.model.steps import (
    Baseline,
    Blocker,
    CheckResult,
    PollResult,
    ReconcileResult,
    SendResult,
    Verdict,
)
from resolvers.orders import UpgradeOrder
from schema.operation import AttemptOutcome
from tests.support.canned_results import check_result, unaccepted_result, unanswered_result
from tests.support.slots import FreeSlots


@dataclass
class FakeBulkPartner(FreeSlots):
    """Sells whatever is sent; does nothing twice for a request id unless told to forget it.

    Attributes:
        fate: what becomes of a sending: "done", "throttled", "never sent", "refused",
            "request lost", "answer lost", or "late": on its way until `deliver`.
        hides_purchases: a look finds nothing out.
        purchases: the request id that upgraded each subscription last.
        bought: how often each request id was carried out.
        sendings: the subscriptions of all sendings, in their order.
    """

    clock: Clock
    fate: Callable[[OperationRecord], str] = lambda record: "done"
    hides_purchases: bool = False
    purchases: dict[str, str] = field(default_factory=dict)
    purchase_counts: Counter[str] = field(default_factory=Counter)
    sends: list[str] = field(default_factory=list)
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
        fate = self.fate(record)
        if (refused := unaccepted_result(fate, at)) is not None:
            return refused
        if fate in {"request lost", "late", "answer lost"}:
            self._lose(record, fate)
            return unanswered_result(at)
        self._perform(record)
        return SendResult(outcome=AttemptOutcome.SUCCEEDED, at=at, body=_result_body(record))

    def _lose(self, record: OperationRecord, how: str) -> None:
        if how == "late":
            self.in_flight.append(record)
            self.late_ids.add(record.request_id)
        elif how == "answer lost":
            self._perform(record)

    def deliver(self) -> None:
        """Carry out what was late."""
        for record in self.in_flight:
            self._perform(record)
        self.in_flight.clear()

    def forget(self) -> None:
        """Forget request ids, but for those that came late: nobody could tell them apart."""
        self.known_request_ids &= self.late_ids

    def _perform(self, record: OperationRecord) -> None:
        """Buy, without a look at what was bought before: that is the gateway's business here."""
        if record.request_id not in self.known_request_ids:
            self.known_request_ids.add(record.request_id)
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
        raise AssertionError("the answer to an upgrade is its end: it is never followed")


def subscription_of(record: OperationRecord) -> str:
    """The subscription that an operation upgrades."""
    assert isinstance(record.order, UpgradeOrder)
    return record.order.source.subscription_id


def _result_body(record: OperationRecord) -> str:
    members = {"sourceSubscriptionId": subscription_of(record), "targetSubscriptionId": "target"}
    return msgspec.json.encode(members).decode()
