"""Which of two orders on one subject goes on."""

import pytest

from gateway.operations.claims import in_the_way
from gateway.operations.record import Policy, Record, new_record
from gateway.operations.standing import Standing
from resolvers.orders import UpgradeOrder
from schema.keys import SubscriptionKey
from schema.operation import OperationState, UserErrorCode
from schema.upgrade import UpgradeType

ORDER = UpgradeOrder(SubscriptionKey("c", "s"), "offer-1", UpgradeType.UPGRADE_ONLY)
BUSY, IN_DOUBT = UserErrorCode.UPGRADE_IN_PROGRESS, UserErrorCode.EARLIER_IN_DOUBT


def recorded(key: str, at: float) -> Record:
    return new_record(ORDER, "somebody", key, request_id=key, now=at, policy=Policy())


@pytest.mark.parametrize(
    ("state", "other_at", "code"),
    [
        (OperationState.ACCEPTED, 9.0, BUSY),
        (OperationState.ACCEPTED, 11.0, None),
        (OperationState.RUNNING, 9.0, BUSY),
        (OperationState.RUNNING, 11.0, BUSY),
        (OperationState.WAITING, 11.0, BUSY),
        (OperationState.IN_DOUBT, 9.0, IN_DOUBT),
        (OperationState.IN_DOUBT, 11.0, IN_DOUBT),
        (OperationState.DONE, 9.0, None),
        (OperationState.REFUSED, 9.0, None),
    ],
    ids=[
        "accepted before",
        "accepted after",
        "announced before",
        "announced after",
        "waits after",
        "in doubt before",
        "in doubt after",
        "done",
        "refused",
    ],
)
def test_another_order_is_in_the_way(
    state: OperationState, other_at: float, code: UserErrorCode | None
) -> None:
    other = Standing(recorded("other", other_at), state, updated_at=other_at)
    failure = in_the_way(recorded("mine", 10.0), [other])
    assert (failure and failure.code) == code
    assert failure is None or other.record.id in failure.message


def test_of_two_recorded_at_one_moment_one_goes_on() -> None:
    one, two = recorded("one", 10.0), recorded("two", 10.0)
    found = [
        in_the_way(mine, [Standing(other, OperationState.ACCEPTED, updated_at=10.0)])
        for mine, other in ((one, two), (two, one))
    ]
    assert found.count(None) == 1
