from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pytest

from gateway.operations.audit_reviews import (
    AUDIT_PRINCIPAL,
    AuditReviews,
    describe,
    next_review_at,
)
from gateway.operations.model.audit import AuditFinding, AuditMatch
from gateway.operations.model.steps import OperationOutcome, OperationResult, Settlement
from gateway.operations.store.base import StoredOperation
from schema.operation import OperationState
from tests.support.clock import FakeClock
from tests.support.stores import make_record

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
STRONG: Final = AuditMatch(
    record_id="record-1",
    operation_type="upgrade_subscription",
    status="SUCCEEDED",
    executed_at="2026-01-01T00:00:00+00:00",
    is_strong=True,
)


def in_doubt(key: str = "key-1", at: float = 0.0) -> StoredOperation:
    outcome = OperationOutcome(state=OperationState.IN_DOUBT, at=at)
    return StoredOperation(make_record(key), result=OperationResult(outcome=outcome))


@dataclass
class FakeReviews:
    """Implements the ports of reviews: everything is due, and has the same matches."""

    due: Sequence[StoredOperation]
    matches: Mapping[str, tuple[AuditMatch, ...]]
    is_done: bool | None = True
    findings: list[AuditFinding] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)

    async def claim_reviews(
        self, now: float, next_due: Callable[[StoredOperation], float]
    ) -> list[StoredOperation]:
        return list(self.due)

    async def store_finding(self, finding: AuditFinding) -> None:
        self.findings.append(finding)

    async def find(
        self, operations: Sequence[StoredOperation]
    ) -> Mapping[str, tuple[AuditMatch, ...]]:
        return self.matches

    def decide(self, operation: StoredOperation, matches: Sequence[AuditMatch]) -> bool | None:
        return self.is_done

    async def settle(self, settlement: Settlement) -> Settlement:
        self.settlements.append(settlement)
        return settlement

    async def review(self, *, settles: bool) -> None:
        clock = FakeClock()
        await AuditReviews(self, self, self.settle, clock, settles=settles).review_due()


async def test_evidence_is_stored_and_settles_nothing_until_correlation_is_confirmed() -> None:
    doubted = in_doubt()
    reviews = FakeReviews([doubted], {doubted.record.id: (STRONG,)})
    await reviews.review(settles=False)
    assert [each.matches for each in reviews.findings] == [(STRONG,)]
    assert reviews.settlements == []


@pytest.mark.parametrize("is_done", [True, False])
async def test_certain_evidence_settles_with_the_record_as_note(is_done: bool) -> None:
    doubted = in_doubt()
    reviews = FakeReviews([doubted], {doubted.record.id: (STRONG,)}, is_done)
    await reviews.review(settles=True)
    (settlement,) = reviews.settlements
    assert settlement.is_done is is_done
    assert settlement.principal == AUDIT_PRINCIPAL
    assert "record-1" in settlement.note


@pytest.mark.parametrize("matches", [{}, {make_record("key-1").id: ()}])
async def test_a_missing_record_changes_nothing(
    matches: Mapping[str, tuple[AuditMatch, ...]],
) -> None:
    reviews = FakeReviews([in_doubt()], matches)
    await reviews.review(settles=True)
    assert (reviews.findings, reviews.settlements) == ([], [])


@pytest.mark.parametrize(
    ("age_s", "delay_s"),
    [(0.0, 15 * 60), (2 * HOUR, HOUR / 2), (30 * DAY, DAY), (79 * DAY, DAY)],
)
def test_reviews_become_rarer_with_age(age_s: float, delay_s: float) -> None:
    assert next_review_at(in_doubt(at=100.0), 100.0 + age_s) == 100.0 + age_s + delay_s


def test_reviews_end_before_the_vendor_deletes_the_records() -> None:
    now = 81 * DAY
    assert next_review_at(in_doubt(at=0.0), now) > now + 365 * DAY


def test_a_person_can_tell_certain_records_from_possible_ones() -> None:
    possible = AuditMatch(
        record_id="record-2", operation_type="create_order", status="FAILED", executed_at=""
    )
    text = describe((STRONG, possible))
    assert "has the correlation id of this operation" in text
    assert "record-2 is of create_order: FAILED. It names the same subscription" in text
