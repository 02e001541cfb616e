"""What is told to the one of two orders on one subject that does not go on."""

import pytest

from gateway.operations.entries import Ended, Ending
from gateway.operations.record import Policy, new_record
from gateway.operations.store.base import StoredOperation
from gateway.operations.subjects import conflict
from schema.operation import OperationState
from schema.user_errors import UserErrorCode
from tests.support.pretend_partner import ORDER

RECORD = new_record(ORDER, "somebody", "key-1", request_id="r", now=1.0, policy=Policy())


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (None, UserErrorCode.UPGRADE_IN_PROGRESS),
        (OperationState.DONE, UserErrorCode.UPGRADE_IN_PROGRESS),
        (OperationState.IN_DOUBT, UserErrorCode.EARLIER_IN_DOUBT),
    ],
    ids=["open", "about to free it", "in doubt"],
)
def test_who_holds_a_subject_is_named_with_what_to_do(
    state: OperationState | None, code: UserErrorCode
) -> None:
    ended = None if state is None else Ended(ending=Ending(state=state, at=2.0))
    failure = conflict(StoredOperation(RECORD, ended=ended))
    assert failure.code is code
    assert RECORD.id in failure.message
