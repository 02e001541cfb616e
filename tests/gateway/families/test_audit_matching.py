"""Which records of the audit feed belong to an operation in doubt (CONTRACT-2 10.5)."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest

from gateway.families.audit_matching import (
    AuditCriteria,
    decide_settlement,
    find_matches,
    names_target,
)
from gateway.operations.model.steps import (
    AttemptIntent,
    AttemptRecord,
    OperationOutcome,
    OperationResult,
    SendResult,
)
from gateway.operations.store.base import StoredOperation
from schema.audit_record import AuditDetail, AuditOperationStatus, AuditRecord
from schema.operation import AttemptOutcome, OperationState
from tests.support.stores import make_record

SENT: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN_ID: Final = "11111111-2222-3333-4444-555555555555"
ORDER: Final = make_record("key-1").order
NAMES_CHANGE: Final = partial(names_target, ORDER.target, 5)
CRITERIA: Final = AuditCriteria(frozenset({"upgrade_subscription"}), NAMES_CHANGE, OWN_ID)


def attempt(number: int, outcome: AttemptOutcome) -> AttemptRecord:
    intent = AttemptIntent(
        number=number, correlation_id="Correlation-1", process_run_id="one", at=SENT.timestamp()
    )
    return AttemptRecord(intent=intent, result=SendResult(outcome=outcome, at=SENT.timestamp()))


def in_doubt(*outcomes: AttemptOutcome) -> StoredOperation:
    attempts = outcomes or (AttemptOutcome.UNANSWERED,)
    result = OperationResult(
        outcome=OperationOutcome(state=OperationState.IN_DOUBT, at=SENT.timestamp()),
        attempts=tuple(attempt(number, each) for number, each in enumerate(attempts, 1)),
        quantity=5,
    )
    return StoredOperation(make_record("key-1"), result=result)


def audit_record(**members: Any) -> AuditRecord:
    """A record of the order that names no correlation id."""
    known: dict[str, Any] = {
        "id": "record-1",
        "application_id": OWN_ID.upper(),
        "operation_type": "upgrade_subscription",
        "operation_status": AuditOperationStatus.SUCCEEDED,
        "operation_date": SENT + timedelta(seconds=3),
        "resource_new_value": {
            "Id": (ORDER.source_id or "").upper(),
            "OfferId": (ORDER.target or "").upper(),
            "Quantity": 5,
        },
    }
    return AuditRecord(**{**known, **members})


def strong(status: AuditOperationStatus) -> AuditRecord:
    return AuditRecord(original_correlation_id="CORRELATION-1", operation_status=status)


def settlement(stored: StoredOperation, *records: AuditRecord) -> bool | None:
    return decide_settlement(stored, find_matches(stored, CRITERIA, records))


def test_a_record_with_the_correlation_id_is_a_strong_match_whatever_else_it_lacks() -> None:
    (match,) = find_matches(in_doubt(), CRITERIA, [strong(AuditOperationStatus.SUCCEEDED)])
    assert match.is_strong


def test_a_record_of_the_same_change_is_a_weak_match() -> None:
    (match,) = find_matches(in_doubt(), CRITERIA, [audit_record()])
    assert (match.record_id, match.status, match.is_strong) == ("record-1", "SUCCEEDED", False)
    assert match.executed_at == "2026-03-01T12:00:03+00:00"


def test_of_many_weak_matches_the_earliest_are_kept_after_every_strong_one() -> None:
    """The feed has the newest records first."""
    late = [
        audit_record(id=f"record-{number}", operation_date=SENT + timedelta(seconds=number))
        for number in range(500, 0, -1)
    ]
    found = find_matches(in_doubt(), CRITERIA, [*late, strong(AuditOperationStatus.SUCCEEDED)])
    assert [each.record_id for each in found[1:]] == [f"record-{n}" for n in range(1, 11)]
    assert [each.is_strong for each in found] == [True, *[False] * 10]


@pytest.mark.parametrize(
    "members",
    [
        {"application_id": "FulfillmentService"},
        {"application_id": None},
        {"operation_type": "update_customer"},
        {"operation_type": None},
        {"operation_date": SENT - timedelta(seconds=6)},
        {"operation_date": None},
        {"resource_new_value": None},
        {"resource_new_value": {"Id": "another", "OfferId": ORDER.target, "Quantity": 5}},
        {"resource_new_value": {"Id": ORDER.source_id, "OfferId": "another", "Quantity": 5}},
        {"resource_new_value": {"Id": ORDER.source_id, "OfferId": ORDER.target, "Quantity": 4}},
        {"resource_new_value": "[redacted]"},
        {"original_correlation_id": "correlation-2", "application_id": "another"},
    ],
)
def test_a_record_that_differs_in_anything_known_is_no_match(members: dict[str, Any]) -> None:
    assert find_matches(in_doubt(), CRITERIA, [audit_record(**members)]) == ()


def test_the_id_of_a_record_names_the_subscription() -> None:
    record = audit_record(
        id=f"partner_customer_{ORDER.source_id}_upgradesubscription_637",
        resource_new_value={"Id": "the new one", "OfferId": ORDER.target, "Quantity": 5},
    )
    assert len(find_matches(in_doubt(), CRITERIA, [record])) == 1


def test_details_of_an_order_name_the_change_too() -> None:
    details = [
        AuditDetail(key="SubscriptionId-0", value=ORDER.source_id),
        AuditDetail(key="OfferId-0", value=ORDER.target),
        AuditDetail(key="Quantity-0", value="5"),
        AuditDetail(key="PartnerOnRecord-0", value=None),
    ]
    record = audit_record(resource_new_value=None, customized_data=details)
    assert len(find_matches(in_doubt(), CRITERIA, [record])) == 1


def test_callers_with_their_own_applications_match_any() -> None:
    criteria = AuditCriteria(CRITERIA.operation_types, NAMES_CHANGE, None)
    record = audit_record(application_id="another")
    assert len(find_matches(in_doubt(), criteria, [record])) == 1


def test_an_operation_that_sent_nothing_has_no_evidence() -> None:
    unsent = in_doubt(AttemptOutcome.NEVER_SENT)
    assert find_matches(unsent, CRITERIA, [strong(AuditOperationStatus.SUCCEEDED)]) == ()


def test_a_success_with_the_correlation_id_settles_as_done() -> None:
    assert settlement(in_doubt(), strong(AuditOperationStatus.SUCCEEDED)) is True
    assert (
        settlement(
            in_doubt(),
            strong(AuditOperationStatus.FAILED),
            strong(AuditOperationStatus.SUCCEEDED),
        )
        is True
    )


@pytest.mark.parametrize("status", [AuditOperationStatus.FAILED, AuditOperationStatus.DECLINE])
def test_a_failure_for_each_attempt_settles_as_not_done(status: AuditOperationStatus) -> None:
    twice = in_doubt(AttemptOutcome.UNANSWERED, AttemptOutcome.UNANSWERED)
    assert settlement(in_doubt(), strong(status)) is False
    assert settlement(twice, strong(status)) is None
    assert settlement(twice, strong(status), strong(status)) is False


@pytest.mark.parametrize(
    "records",
    [
        [],
        [audit_record()],
        [strong(AuditOperationStatus.PROGRESS)],
        [strong(AuditOperationStatus.UNKNOWN)],
        [strong(AuditOperationStatus.FAILED), strong(AuditOperationStatus.PROGRESS)],
        [audit_record(operation_status=AuditOperationStatus.FAILED)],
    ],
)
def test_anything_else_settles_nothing(records: list[AuditRecord]) -> None:
    assert settlement(in_doubt(), *records) is None
