"""A purchase found by reconciliation may belong to another operation of the customer."""

from typing import Any, Final

import pytest

from gateway.operations.model.record import OperationRecord, StoredStruct, create_record
from gateway.operations.model.steps import (
    AttemptIntended,
    AttemptIntent,
    Baseline,
    Blocker,
    CheckResult,
    OperationOutcome,
    OperationResult,
    ReconcileResult,
    SendResult,
    Settlement,
    Verdict,
)
from gateway.operations.rival_operations import RECENT_S, RivalOperations
from gateway.operations.store.base import StoredOperation
from resolvers.orders import Order, TransitionOrder, UpgradeOrder
from schema.keys import SubscriptionKey
from schema.operation import AttemptOutcome, OperationState
from schema.transition import TransitionType
from schema.upgrade import UpgradeType
from tests.support.fake_partner import POLICY

NOW: Final = 10 * RECENT_S
SOURCE: Final = SubscriptionKey("customer-1", "Source-2")
UPGRADE: Final = UpgradeOrder(SOURCE, "Offer-1", UpgradeType.UPGRADE_ONLY)
TRANSITION: Final = TransitionOrder(SOURCE, "offer-1", 1, TransitionType.TRANSITION_ONLY)
FOUND: Final = ReconcileResult(at=NOW, verdict=Verdict.DONE, reference="Target-1")


def record_of(order: Order) -> OperationRecord:
    return create_record(order, "somebody", "key", request_id="r", now=NOW, policy=POLICY)


OWN: Final = record_of(
    UpgradeOrder(
        SubscriptionKey("customer-1", "source-1"),
        "offer-1",
        UpgradeType.UPGRADE_WITH_LICENSE_TRANSFER,
    )
)


def announced(*known_ids: str) -> CheckResult:
    announcement = AttemptIntent(number=1, correlation_id="c", process_run_id="one", at=NOW)
    return CheckResult(at=NOW, intent=announcement, baseline=Baseline(known_ids=known_ids))


def sent(outcome: AttemptOutcome, **members: Any) -> SendResult:
    return SendResult(outcome=outcome, at=NOW, **members)


AGAIN: Final = AttemptIntended(intent=announced().intent)
SILENCE: Final = sent(AttemptOutcome.UNANSWERED)
CREDITED: Final = ReconcileResult(at=NOW, verdict=Verdict.DONE, reference="target-1")


def judged(other: StoredOperation, reconciled: ReconcileResult = FOUND) -> ReconcileResult:
    """Judge what was found when all that another has bought was known."""
    rivals = beside(other)
    return rivals.revise(reconciled, rivals.owned_ids)


def beside(*others: StoredOperation) -> RivalOperations:
    return RivalOperations(OWN, others)


def open_at(*steps: StoredStruct, order: Order = UPGRADE) -> StoredOperation:
    return StoredOperation(record_of(order), steps)


def ended(
    state: OperationState, *, is_done: bool | None = None, at: float = NOW, **members: Any
) -> StoredOperation:
    settlement = None
    if is_done is not None:
        settlement = Settlement(
            operation_id="other", principal="somebody", is_done=is_done, note="looked", at=at
        )
    ending = OperationOutcome(state=state, at=at, **members)
    return StoredOperation(
        record_of(UPGRADE), result=OperationResult(outcome=ending), settlement=settlement
    )


MAY_HAVE_MADE_IT: Final = {
    "not answered": open_at(announced(), SILENCE),
    "not answered, then throttled": open_at(
        announced(), SILENCE, AGAIN, sent(AttemptOutcome.THROTTLED)
    ),
    "a transition, not answered": open_at(announced(), SILENCE, order=TRANSITION),
    "accepted without an id": open_at(announced(), sent(AttemptOutcome.SUCCEEDED)),
    "in doubt": ended(OperationState.IN_DOUBT),
    "settled as done": ended(OperationState.IN_DOUBT, is_done=True),
    "done without an id": ended(OperationState.DONE),
}
PENDING: Final = {
    "announced": open_at(announced()),
    "announced again": open_at(announced(), sent(AttemptOutcome.THROTTLED), AGAIN),
    "being credited": open_at(announced(), SILENCE, CREDITED),
}
HAS_NOT_MADE_IT: Final = {
    "nothing announced": open_at(),
    "never sent": open_at(announced(), sent(AttemptOutcome.NEVER_SENT)),
    "done nothing": open_at(announced(), sent(AttemptOutcome.SUCCEEDED, has_errors=True)),
    "accepted with another id": open_at(
        announced(), sent(AttemptOutcome.SUCCEEDED, reference="target-2")
    ),
    "it was there before": open_at(announced("target-1"), SILENCE),
    "refused": ended(OperationState.REFUSED),
    "settled as not done": ended(OperationState.IN_DOUBT, is_done=False),
    "done with another id": ended(OperationState.DONE, reference="target-2"),
    "in doubt for long": ended(OperationState.IN_DOUBT, at=NOW - 2 * RECENT_S),
    "settled long ago": ended(OperationState.IN_DOUBT, is_done=True, at=NOW - 2 * RECENT_S),
    "another target": open_at(
        announced(), order=UpgradeOrder(SOURCE, "offer-2", UpgradeType.UPGRADE_ONLY)
    ),
    "into an existing subscription": open_at(
        announced(),
        order=TransitionOrder(SOURCE, "offer-1", 1, TransitionType.TRANSITION_ONLY, "target-0"),
    ),
}


@pytest.mark.parametrize("other", MAY_HAVE_MADE_IT.values(), ids=MAY_HAVE_MADE_IT)
def test_a_purchase_that_a_rival_may_have_made_is_unclear(other: StoredOperation) -> None:
    assert judged(other) == ReconcileResult(at=NOW, verdict=Verdict.UNCLEAR)


@pytest.mark.parametrize("other", PENDING.values(), ids=PENDING)
@pytest.mark.parametrize("reconciled", [FOUND, ReconcileResult(at=NOW, verdict=Verdict.UNCLEAR)])
def test_a_rival_with_a_pending_outcome_is_waited_for(
    other: StoredOperation, reconciled: ReconcileResult
) -> None:
    message = f"operation {other.record.id} may have made this purchase and has not ended yet"
    assert judged(other, reconciled) == ReconcileResult(at=NOW, blocker=Blocker(message=message))


@pytest.mark.parametrize("other", HAS_NOT_MADE_IT.values(), ids=HAS_NOT_MADE_IT)
def test_a_purchase_that_no_rival_can_have_made_is_credited(other: StoredOperation) -> None:
    assert judged(other) is FOUND


def test_purchases_and_baselines_of_rivals_are_theirs() -> None:
    others = beside(
        ended(OperationState.DONE, reference="operation-1", purchase="Target-2"),
        open_at(announced(), sent(AttemptOutcome.SUCCEEDED, reference="TARGET-3")),
        ended(OperationState.FAILED, reference="target-4"),
    )
    assert others.owned_ids == {"source-2", "operation-1", "target-2", "target-3"}


@pytest.mark.parametrize("reconciled", [FOUND, ReconcileResult(at=NOW, verdict=Verdict.UNCLEAR)])
def test_a_purchase_during_a_reconcile_repeats_the_reconcile(reconciled: ReconcileResult) -> None:
    meanwhile = beside(
        open_at(announced(), sent(AttemptOutcome.SUCCEEDED, reference="target-1")),
        ended(OperationState.DONE, reference="target-2"),
    )
    again = meanwhile.revise(reconciled, frozenset({"source-2", "target-2"}))
    assert again.verdict is None
    assert again.blocker is not None
