"""The failure of an operation whose subject another operation holds."""

import pytest

from gateway.operations.model.record import Policy, create_record
from gateway.operations.model.steps import OperationOutcome, OperationResult
from gateway.operations.operation_host import conflict_failure
from gateway.operations.store.base import StoredOperation
from schema.operation import OperationState
from schema.user_errors import UserErrorCode
from tests.support.fake_partner import ORDER

RECORD = create_record(ORDER, "somebody", "key-1", request_id="r", now=1.0, policy=Policy())


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (None, UserErrorCode.UPGRADE_IN_PROGRESS),
        (OperationState.DONE, UserErrorCode.UPGRADE_IN_PROGRESS),
        (OperationState.IN_DOUBT, UserErrorCode.EARLIER_IN_DOUBT),
    ],
    ids=["open", "about to free it", "in doubt"],
)
def test_the_conflict_names_the_holder_and_a_remedy(
    state: OperationState | None, code: UserErrorCode
) -> None:
    ended = (
        None if state is None else OperationResult(outcome=OperationOutcome(state=state, at=2.0))
    )
    failure = conflict_failure(StoredOperation(RECORD, result=ended))
    assert failure.code is code
    assert RECORD.id in failure.message
