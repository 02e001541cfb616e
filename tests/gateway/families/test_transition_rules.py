from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
import strawberry

from gateway.families.transition_rules import (
    judge_progress,
    judge_subscriptions,
)
from gateway.operations.model.steps import Baseline, UpstreamProgress, Verdict
from resolvers.orders import TransitionOrder
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.subscription_terms import CommerceFamily, SubscriptionStatus
from schema.transition import (
    Transition,
    TransitionEvent,
    TransitionEventName,
    TransitionEventStatus,
    TransitionType,
)


def _id(value: str) -> strawberry.ID:
    return strawberry.ID(value)


CONVERSION, LICENSES = TransitionEventName.CONVERSION, TransitionEventName.LICENSE_REASSIGNMENT
BEGUN, DONE = TransitionEventStatus.IN_PROGRESS, TransitionEventStatus.COMPLETED
FAILED, UNKNOWN = TransitionEventStatus.FAILED, TransitionEventStatus.UNKNOWN
ONLY = TransitionType.TRANSITION_ONLY
WITH = TransitionType.TRANSITION_WITH_LICENSE_TRANSFER


@pytest.mark.parametrize(
    ("type", "receiver", "events", "progress"),
    [
        (ONLY, None, [], UpstreamProgress.RUNNING),
        (ONLY, None, [(CONVERSION, BEGUN)], UpstreamProgress.RUNNING),
        (ONLY, None, [(CONVERSION, UNKNOWN)], UpstreamProgress.RUNNING),
        (ONLY, None, [(CONVERSION, BEGUN), (CONVERSION, FAILED)], UpstreamProgress.FAILED),
        (ONLY, None, [(CONVERSION, DONE)], UpstreamProgress.RUNNING),
        (ONLY, "new", [(CONVERSION, DONE)], UpstreamProgress.DONE),
        (WITH, "new", [(CONVERSION, DONE)], UpstreamProgress.RUNNING),
        (WITH, "new", [(CONVERSION, DONE), (LICENSES, BEGUN)], UpstreamProgress.RUNNING),
        (WITH, "new", [(CONVERSION, DONE), (LICENSES, DONE)], UpstreamProgress.DONE),
        (
            ONLY,
            None,
            [(CONVERSION, DONE), (LICENSES, FAILED)],
            UpstreamProgress.DONE_WITH_LICENSE_ERRORS,
        ),
    ],
)
def test_the_progress_follows_from_the_events(
    type: TransitionType,
    receiver: str | None,
    events: list[tuple[TransitionEventName, TransitionEventStatus]],
    progress: UpstreamProgress,
) -> None:
    order = TransitionOrder(SubscriptionKey("c", "s"), "p:s:a", 1, type)
    made = Transition(
        to_subscription_id=None if receiver is None else _id(receiver),
        events=[TransitionEvent(name=name, status=status) for name, status in events],
    )
    assert judge_progress(made, order) is progress


NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER: Final = NOON + timedelta(hours=1)


@pytest.mark.parametrize("is_newest_first", [False, True], ids=["oldest first", "newest first"])
@pytest.mark.parametrize(
    ("events", "progress"),
    [
        pytest.param([(BEGUN, NOON), (DONE, LATER)], UpstreamProgress.DONE, id="by time"),
        pytest.param([(DONE, NOON), (BEGUN, LATER)], UpstreamProgress.RUNNING, id="begun anew"),
        pytest.param(
            [(FAILED, NOON), (DONE, LATER)], UpstreamProgress.DONE, id="failed, then done"
        ),
        pytest.param(
            [(DONE, NOON), (FAILED, LATER)], UpstreamProgress.FAILED, id="done, then failed"
        ),
        pytest.param([(BEGUN, NOON), (DONE, NOON)], UpstreamProgress.DONE, id="at the same time"),
        pytest.param([(BEGUN, None), (DONE, None)], UpstreamProgress.DONE, id="without times"),
        pytest.param(
            [(BEGUN, None), (FAILED, None)], UpstreamProgress.FAILED, id="failed, no times"
        ),
        pytest.param(
            [(BEGUN, LATER), (DONE, None)], UpstreamProgress.DONE, id="one without a time"
        ),
        pytest.param(
            [(UNKNOWN, None), (DONE, None)], UpstreamProgress.DONE, id="an unknown status"
        ),
        pytest.param([(None, None), (DONE, None)], UpstreamProgress.DONE, id="no status"),
        pytest.param([(None, NOON)], UpstreamProgress.RUNNING, id="no status at all"),
    ],
)
def test_the_newest_event_counts_in_any_order(
    events: list[tuple[TransitionEventStatus | None, datetime | None]],
    progress: UpstreamProgress,
    is_newest_first: bool,
) -> None:
    listed = [TransitionEvent(name=CONVERSION, status=s, timestamp=at) for s, at in events]
    if is_newest_first:
        listed.reverse()
    made = Transition(to_subscription_id=_id("new"), events=listed)
    assert judge_progress(made, ORDER) is progress


ITEM: Final = "P:0001:A"
RECEIVER: Final = "00000000-0000-4000-8000-00000000000a"
ORDER: Final = TransitionOrder(SubscriptionKey("c", "s"), ITEM, 3, ONLY)
INTO: Final = replace(ORDER, to_subscription_id=RECEIVER)


def legacy(
    subscription_id: str, offer_id: str, quantity: int | None = None, *, is_active: bool = True
) -> CustomerSubscription:
    return CustomerSubscription(
        id=_id(subscription_id),
        offer_id=_id(offer_id),
        status=SubscriptionStatus.ACTIVE if is_active else SubscriptionStatus.SUSPENDED,
        commerce=CommerceFamily.LEGACY_LICENSE,
        key=SubscriptionKey("c", subscription_id),
        quantity=quantity,
    )


NEW: Final = legacy("New", ITEM.upper(), 3)
GIVEN: Final = legacy("S", "offer-0", 3, is_active=False)
WHOLE: Final = legacy("s", "offer-0", 3)
LEFT: Final = legacy("s", "offer-0", 2)
FIVE: Final = legacy("s", "offer-0", 5)


@pytest.mark.parametrize(
    ("source_quantity", "subscriptions", "verdict"),
    [
        pytest.param(3, [GIVEN, NEW], Verdict.DONE, id="all, and the source is out of service"),
        pytest.param(3, [NEW], Verdict.DONE, id="all, and the source is gone"),
        pytest.param(3, [WHOLE, NEW], Verdict.UNCLEAR, id="all, and the source is in service"),
        pytest.param(3, [WHOLE], Verdict.NOT_DONE, id="all, and it is as it was"),
        pytest.param(3, [GIVEN], Verdict.UNCLEAR, id="all, and nothing is new"),
        pytest.param(5, [LEFT, NEW], Verdict.DONE, id="some, and the source has the rest"),
        pytest.param(5, [FIVE, NEW], Verdict.UNCLEAR, id="some, and the source has all"),
        pytest.param(5, [GIVEN, NEW], Verdict.UNCLEAR, id="some, and the source has none"),
        pytest.param(5, [LEFT], Verdict.UNCLEAR, id="some, and nothing is new"),
        pytest.param(5, [FIVE], Verdict.NOT_DONE, id="some, and it is as it was"),
        pytest.param(None, [GIVEN, NEW], Verdict.DONE, id="recorded before quantities were"),
        pytest.param(None, [WHOLE, NEW], Verdict.UNCLEAR, id="likewise, with an active source"),
        pytest.param(None, [WHOLE], Verdict.NOT_DONE, id="likewise, as it was"),
        pytest.param(3, [GIVEN, NEW, legacy("2nd", ITEM)], Verdict.UNCLEAR, id="two are new"),
        pytest.param(3, [GIVEN, legacy("Old", ITEM)], Verdict.UNCLEAR, id="none of them is new"),
    ],
)
def test_the_verdict_on_a_legacy_source_follows_from_the_subscriptions(
    source_quantity: int | None, subscriptions: list[CustomerSubscription], verdict: Verdict
) -> None:
    baseline = Baseline(quantity=3, known_ids=("old",), source_quantity=source_quantity)
    target = "New" if verdict is Verdict.DONE else None
    assert judge_subscriptions(ORDER, baseline, subscriptions) == (verdict, target)


@pytest.mark.parametrize(
    ("source", "verdict"),
    [(FIVE, Verdict.NOT_DONE), (LEFT, Verdict.UNCLEAR), (GIVEN, Verdict.UNCLEAR)],
)
def test_a_transition_into_an_existing_subscription_creates_none(
    source: CustomerSubscription, verdict: Verdict
) -> None:
    baseline = Baseline(quantity=3, source_quantity=5)
    assert judge_subscriptions(INTO, baseline, [source, NEW]) == (verdict, None)
