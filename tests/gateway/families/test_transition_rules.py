import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
import strawberry

from gateway.families.transition_rules import (
    judge_progress,
    judge_subscriptions,
)
from gateway.families.transition_targets import validate_eligibility
from gateway.operations.model.steps import Baseline, UpstreamProgress, Verdict
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.transition import WireTransitionEligibility, to_eligibility
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
from schema.transition_eligibility import TransitionEligibility
from schema.user_errors import UserErrorCode


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
CAN: Final = {"transitionType": "transition_only", "isEligible": True}
CANNOT: Final = {**CAN, "isEligible": False}
RECEIVES: Final = {"subscriptionId": RECEIVER.upper(), "isEligible": True}
_READ: Final = Decoder(WireTransitionEligibility)


def listed(*details: Any, **members: Any) -> TransitionEligibility:
    """Decode a target from the vendor's JSON."""
    body = {"catalogItemId": ITEM.lower(), "eligibilities": list(details), **members}
    return to_eligibility(_READ(json.dumps(body).encode()))


def code_of(order: TransitionOrder, *targets: TransitionEligibility) -> UserErrorCode | None:
    refusal = validate_eligibility(order, targets)
    return None if refusal is None else refusal.code


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(listed(CANNOT), id="no errors"),
        pytest.param(listed({**CANNOT, "errors": []}), id="empty errors"),
        pytest.param(listed({**CANNOT, "errors": None}), id="null errors"),
        pytest.param(listed({**CANNOT, "errors": [{"code": 3}]}), id="errors"),
        pytest.param(listed({"transitionType": "transition_only"}), id="isEligible absent"),
        pytest.param(listed({**CAN, "isEligible": None}), id="isEligible null"),
        pytest.param(listed({**CAN, "isEligible": "False"}), id="isEligible as text"),
        pytest.param(listed({**CAN, "isEligible": "perhaps"}), id="isEligible unreadable"),
        pytest.param(listed({"IsEligible": False, "TransitionType": "TransitionOnly"}), id="Case"),
        pytest.param(listed(), id="no type"),
        pytest.param(listed(eligibilities=None), id="null eligibilities"),
        pytest.param(
            listed({**CAN, "transitionType": "transition_with_license_transfer"}), id="other type"
        ),
        pytest.param(listed({**CAN, "transitionType": None}), id="null type"),
        pytest.param(listed({**CAN, "transitionType": "none"}), id="type none"),
        pytest.param(listed({**CAN, "transitionType": "brand_new"}), id="unknown type"),
        pytest.param(listed(CAN, CANNOT), id="listed twice"),
    ],
)
def test_a_target_that_is_not_listed_as_eligible_is_refused(target: TransitionEligibility) -> None:
    assert code_of(ORDER, target) is UserErrorCode.NOT_ELIGIBLE


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(listed(CAN), id="as documented"),
        pytest.param(listed({**CAN, "errors": [{"code": 0}]}), id="with a remark"),
        pytest.param(listed({"TransitionType": "TransitionOnly", "IsEligible": "TRUE"}), id="Case"),
        pytest.param(listed(CAN, {**CANNOT, "transitionType": "none"}), id="another type cannot"),
    ],
)
def test_a_target_that_is_listed_as_eligible_is_allowed(target: TransitionEligibility) -> None:
    assert code_of(ORDER, target) is None


def test_a_target_that_is_listed_for_each_type_is_one_target() -> None:
    other = listed({**CANNOT, "transitionType": "transition_with_license_transfer"})
    assert code_of(ORDER, other, listed(CAN)) is None
    assert code_of(ORDER, listed(CAN), listed(CANNOT)) is UserErrorCode.NOT_ELIGIBLE


def test_the_message_has_the_reasons_or_says_that_there_are_none() -> None:
    explained = validate_eligibility(ORDER, [listed({**CANNOT, "errors": [{"code": 3}]})])
    unexplained = validate_eligibility(ORDER, [listed(CANNOT)])
    unlisted = validate_eligibility(ORDER, [listed()])
    assert explained is not None
    assert "CONFLICTING_SERVICE_TYPES: no text" in explained.message
    assert unexplained is not None
    assert unexplained.message.endswith("it gives no reason.")
    assert unlisted is not None
    assert "does not list TRANSITION_ONLY" in unlisted.message


@pytest.mark.parametrize(
    ("receivers", "code"),
    [
        pytest.param([RECEIVES], None, id="can"),
        pytest.param([{**RECEIVES, "isEligible": False}], UserErrorCode.NOT_ELIGIBLE, id="cannot"),
        pytest.param(
            [{**RECEIVES, "isEligible": False, "errors": [{"code": 3}]}],
            UserErrorCode.NOT_ELIGIBLE,
            id="with errors",
        ),
        pytest.param([{"subscriptionId": RECEIVER}], UserErrorCode.NOT_ELIGIBLE, id="absent"),
        pytest.param(
            [{"subscriptionId": "other", "isEligible": True}],
            UserErrorCode.NOT_ELIGIBLE,
            id="other",
        ),
        pytest.param([{"isEligible": True}], UserErrorCode.NOT_ELIGIBLE, id="nameless"),
        pytest.param([], UserErrorCode.NOT_ELIGIBLE, id="none"),
        pytest.param(None, UserErrorCode.NOT_ELIGIBLE, id="null"),
    ],
)
def test_the_receiving_subscription_must_be_listed_as_eligible(
    receivers: object, code: UserErrorCode | None
) -> None:
    target = listed(CAN, subscriptionEligibilities=receivers)
    assert code_of(INTO, target) is code
    assert code_of(ORDER, target) is None
    refusal = validate_eligibility(INTO, [target])
    assert refusal is None or refusal.field == ["input", "toSubscriptionId"]


@pytest.mark.parametrize(
    ("listed_quantity", "source_quantity", "code"),
    [
        (3, 99, None),
        (2, 99, UserErrorCode.QUANTITY_OUT_OF_RANGE),
        (None, 3, None),
        (None, 2, UserErrorCode.QUANTITY_OUT_OF_RANGE),
        (None, None, None),
    ],
)
def test_the_quantity_is_at_most_the_listed_or_the_sources_quantity(
    listed_quantity: int | None, source_quantity: int | None, code: UserErrorCode | None
) -> None:
    refusal = validate_eligibility(ORDER, [listed(CAN, quantity=listed_quantity)], source_quantity)
    assert (None if refusal is None else refusal.code) is code


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
