import pytest

from gateway.operations.decisions import History, after_reconcile, is_within_idempotency_window
from gateway.operations.model.record import Policy
from gateway.operations.model.steps import (
    AttemptIntent,
    AttemptRecord,
    Backoff,
    Blocker,
    OperationOutcome,
    ReconcileResult,
    SendResult,
    Verdict,
)
from schema.operation import AttemptOutcome, OperationState

POLICY = Policy(idempotency_window_s=600)
NOT_DONE = ReconcileResult(at=20.0, verdict=Verdict.NOT_DONE)


def attempt(number: int, outcome: AttemptOutcome, status: int | None = None) -> AttemptRecord:
    return AttemptRecord(
        intent=AttemptIntent(
            number=number, correlation_id=str(number), process_run_id="one", at=10.0
        ),
        result=SendResult(outcome=outcome, at=15.0, blocker=Blocker(message="no", status=status)),
    )


def unanswered_then_refused(status: int) -> History:
    return History(
        0.0,
        (
            attempt(1, AttemptOutcome.UNANSWERED),
            attempt(2, AttemptOutcome.REFUSED, status),
        ),
    )


def test_a_refusal_also_decides_about_earlier_attempts() -> None:
    decision = after_reconcile(unanswered_then_refused(403), NOT_DONE, POLICY)
    assert isinstance(decision, OperationOutcome)
    assert decision.state is OperationState.REFUSED


def test_a_refused_token_does_not_decide_about_earlier_attempts() -> None:
    assert isinstance(after_reconcile(unanswered_then_refused(401), NOT_DONE, POLICY), Backoff)


@pytest.mark.parametrize(
    ("now", "may_send"), [(9.0, False), (10.0, True), (609.0, True), (610.0, False)]
)
def test_an_attempt_is_repeated_only_within_the_idempotency_window(
    now: float, *, may_send: bool
) -> None:
    """If the clock was set back, the age of the attempt is unknown."""
    history = History(0.0, (attempt(1, AttemptOutcome.UNANSWERED),))
    assert is_within_idempotency_window(history, now, POLICY) is may_send
