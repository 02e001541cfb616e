"""The batch of purchases whose promotions are read (CONTRACT 4.21)."""

import json
from typing import Any

import pytest

from gateway.upstream.models.promotion import decode_promotions, encode_promotion_items
from schema.keys import PromotionsKey

KEYS = [
    PromotionsKey("c", "P:0001:A", 5, "P1Y", "monthly", "X:0001:Y"),
    PromotionsKey("c", "P:0002:B", 6, "P1M", "annual"),
]


def _item(promotion: str, **members: Any) -> dict[str, Any]:
    return {**members, "eligibilities": [{"promotionId": promotion, "isEligible": True}]}


def _ids(*items: dict[str, Any]) -> list[Any]:
    found = decode_promotions(json.dumps({"items": items}).encode(), len(KEYS))
    return [[each.promotion_id for each in promotions] for promotions in found]


def test_all_purchases_are_in_one_request() -> None:
    assert json.loads(encode_promotion_items(KEYS)) == {
        "items": [
            {
                "id": "0",
                "catalogItemId": "P:0001:A",
                "quantity": 5,
                "termDuration": "P1Y",
                "billingCycle": "monthly",
                "promotionId": "X:0001:Y",
            },
            {
                "id": "1",
                "catalogItemId": "P:0002:B",
                "quantity": 6,
                "termDuration": "P1M",
                "billingCycle": "annual",
            },
        ]
    }


@pytest.mark.parametrize("ids", [("0", "1"), (0, 1)])
def test_items_are_found_by_their_number_in_any_order(ids: tuple[Any, Any]) -> None:
    first, second = _item("a", id=ids[0]), _item("b", id=ids[1])
    assert _ids(first, second) == _ids(second, first) == [["a"], ["b"]]


@pytest.mark.parametrize("members", [{}, {"id": 0}, {"id": "other"}])
def test_items_without_their_number_are_in_the_order_of_the_request(members: Any) -> None:
    assert _ids(_item("a", **members), _item("b", **members)) == [["a"], ["b"]]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_response_with_another_number_of_items_is_invalid(count: int) -> None:
    with pytest.raises(ValueError, match=f"it has {count} items, not 2"):
        _ids(*[_item("a")] * count)


def test_the_reasons_against_a_promotion_have_their_numbers() -> None:
    error = {"type": "SeatCount", "description": "too many", "maximumRequiredSeats": 2400}
    item = {"eligibilities": [{"promotionId": "a", "isEligible": False, "errors": [error]}]}
    ((found,),) = decode_promotions(json.dumps({"items": [item]}).encode(), 1)
    assert not found.is_eligible
    (reason,) = found.errors
    assert (reason.type, reason.maximum_required_seats) == ("SeatCount", 2400)
