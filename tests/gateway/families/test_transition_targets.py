import json
from dataclasses import replace
from typing import Any, Final

import pytest

from gateway.families.transition_targets import validate_eligibility
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.transition import WireTransitionEligibility, to_eligibility
from resolvers.orders import TransitionOrder
from schema.keys import SubscriptionKey
from schema.transition import TransitionType
from schema.transition_eligibility import TransitionEligibility
from schema.user_errors import UserErrorCode

ITEM: Final = "P:0001:A"
RECEIVER: Final = "00000000-0000-4000-8000-00000000000a"
ORDER: Final = TransitionOrder(SubscriptionKey("c", "s"), ITEM, 3, TransitionType.TRANSITION_ONLY)
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


def test_an_unknown_target_names_the_possible_ones_with_their_titles() -> None:
    others = [listed(CAN, catalogItemId="P:2:B", title="Plan B"), listed(CAN, catalogItemId="P:3")]
    refusal = validate_eligibility(ORDER, others)
    assert refusal is not None
    assert refusal.message.endswith("It can become: P:2:B (Plan B), P:3.")
