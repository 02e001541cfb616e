import pytest
import strawberry

from gateway.operations.entries import Progress
from gateway.performing.transitions import progress_of
from resolvers.orders import TransitionOrder
from schema.keys import SubscriptionKey
from schema.transition import (
    Transition,
    TransitionEvent,
    TransitionEventName,
    TransitionEventStatus,
    TransitionType,
)

CONVERSION, LICENSES = TransitionEventName.CONVERSION, TransitionEventName.LICENSE_REASSIGNMENT
BEGUN, DONE = TransitionEventStatus.IN_PROGRESS, TransitionEventStatus.COMPLETED
FAILED, UNKNOWN = TransitionEventStatus.FAILED, TransitionEventStatus.UNKNOWN
ONLY = TransitionType.TRANSITION_ONLY
WITH = TransitionType.TRANSITION_WITH_LICENSE_TRANSFER


@pytest.mark.parametrize(
    ("type", "receiver", "events", "progress"),
    [
        (ONLY, None, [], Progress.RUNNING),
        (ONLY, None, [(CONVERSION, BEGUN)], Progress.RUNNING),
        (ONLY, None, [(CONVERSION, UNKNOWN)], Progress.RUNNING),
        (ONLY, None, [(CONVERSION, BEGUN), (CONVERSION, FAILED)], Progress.FAILED),
        (ONLY, None, [(CONVERSION, DONE)], Progress.RUNNING),
        (ONLY, "new", [(CONVERSION, DONE)], Progress.DONE),
        (WITH, "new", [(CONVERSION, DONE)], Progress.RUNNING),
        (WITH, "new", [(CONVERSION, DONE), (LICENSES, BEGUN)], Progress.RUNNING),
        (WITH, "new", [(CONVERSION, DONE), (LICENSES, DONE)], Progress.DONE),
        (
            ONLY,
            None,
            [(CONVERSION, DONE), (LICENSES, FAILED)],
            Progress.DONE_WITH_LICENSE_ERRORS,
        ),
    ],
)
def test_events_tell_how_far_a_transition_is(
    type: TransitionType,
    receiver: str | None,
    events: list[tuple[TransitionEventName, TransitionEventStatus]],
    progress: Progress,
) -> None:
    order = TransitionOrder(SubscriptionKey("c", "s"), "p:s:a", 1, type)
    made = Transition(
        to_subscription_id=None if receiver is None else _id(receiver),
        events=[TransitionEvent(name=name, status=status) for name, status in events],
    )
    assert progress_of(made, order) is progress


def _id(value: str) -> strawberry.ID:
    return strawberry.ID(value)
