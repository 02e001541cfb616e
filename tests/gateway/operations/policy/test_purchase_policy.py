import pytest

from gateway.operations.policy.policy_file import PurchasePolicy
from gateway.operations.policy.purchase_policy import find_violation, seat_limit, seat_violation
from resolvers.orders import Order, ProductUpgradeOrder, TransitionOrder, UpgradeOrder
from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.transition import TransitionType
from schema.upgrade import UpgradeType

SOURCE = SubscriptionKey("3D1f6bd8-6a1c-4c7c-9a3a-4d2b1f0e9c11", "subscription-1")
UPGRADE = UpgradeOrder(SOURCE, "offer-1", UpgradeType.UPGRADE_ONLY, 5)
PRODUCT = ProductUpgradeOrder(ProductUpgradeKey("3d1f6bd8-6a1c-4c7c-9a3a-4d2b1f0e9c11", "azure"))
TRANSITION = TransitionOrder(SOURCE, "item", 1, TransitionType.TRANSITION_ONLY)


@pytest.mark.parametrize("order", [UPGRADE, PRODUCT, TRANSITION])
def test_an_empty_file_allows_everything(order: Order) -> None:
    assert find_violation(PurchasePolicy(), "somebody", [order]) is None
    assert seat_limit(PurchasePolicy(), "somebody") is None


@pytest.mark.parametrize(
    ("policy", "order", "message"),
    [
        ({"writes": False}, UPGRADE, "switched off all purchases"),
        ({"callers": {"somebody": {"writes": False}}}, UPGRADE, "switched off your purchases"),
        (
            {"customers": {"3d1F6bd8-6a1c-4c7c-9a3a-4d2b1f0e9c11": {"writes": False}}},
            UPGRADE,
            "customer 3D1f6bd8",
        ),
        ({"upgrade_types": ["PRODUCT_UPGRADE"]}, UPGRADE, "does not allow UPGRADE_ONLY"),
        ({"upgrade_types": ["UPGRADE_ONLY"]}, PRODUCT, "does not allow PRODUCT_UPGRADE"),
        ({"upgrade_types": []}, TRANSITION, "allowed: none"),
        ({"callers": {"somebody": {"upgrade_types": []}}}, TRANSITION, "TRANSITION_ONLY"),
    ],
    ids=["all", "caller", "customer", "type", "product", "no type", "type of a caller"],
)
def test_the_reason_names_what_is_not_allowed(
    policy: dict[str, object], order: Order, message: str
) -> None:
    reason = find_violation(
        PurchasePolicy.model_validate(policy), "somebody", [PRODUCT, order][-1:]
    )
    assert reason is not None
    assert message in reason


def test_one_forbidden_line_refuses_the_batch() -> None:
    policy = PurchasePolicy.model_validate(
        {"customers": {"0c39d6d5-c70d-4c55-bc02-f620844f3fd1": {"writes": False}}}
    )
    other = UpgradeOrder(
        SubscriptionKey("0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "s"), "o", UpgradeType.UPGRADE_ONLY
    )
    assert find_violation(policy, "somebody", [UPGRADE, other]) is not None
    assert find_violation(policy, "somebody", [UPGRADE, UPGRADE]) is None


def test_a_callers_restrictions_do_not_apply_to_others() -> None:
    policy = PurchasePolicy.model_validate(
        {"callers": {"other": {"writes": False, "seats_per_hour": 1}}}
    )
    assert find_violation(policy, "somebody", [UPGRADE]) is None
    assert seat_limit(policy, "somebody") is None


def test_a_callers_own_seat_limit_replaces_the_general_one() -> None:
    policy = PurchasePolicy.model_validate(
        {"seats_per_hour": 10, "callers": {"big": {"seats_per_hour": 500}, "plain": {}}}
    )
    assert [seat_limit(policy, name) for name in ("big", "plain", "any")] == [500, 10, 10]


@pytest.mark.parametrize(
    ("taken", "wanted", "is_refused"), [(0, 10, False), (9, 1, False), (9, 2, True), (20, 1, True)]
)
def test_seats_are_admitted_up_to_the_limit(taken: int, wanted: int, is_refused: bool) -> None:
    assert (seat_violation(10, taken, wanted) is not None) is is_refused
