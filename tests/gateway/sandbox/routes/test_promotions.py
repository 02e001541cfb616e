"""Promotions: their eligibility, and how a scheduled change gets one (CONTRACT 4.19, 4.21)."""

from typing import Any

import httpx
import pytest

from gateway.sandbox.examples import Examples
from tests.gateway.sandbox.routes.test_scheduled_changes import INSTRUCTIONS, schedule

Body = dict[str, Any]
PROMOTION_ID = "39NFJQT1PFPJ:000H:39NFJQT1Q5DK"
ITEM = {
    "catalogItemId": "CFQ7TTC0LFLZ:0002:CFQ7TTC0K71H",
    "quantity": 5,
    "termDuration": "P1Y",
    "billingCycle": "Annual",
}


@pytest.fixture
def path(examples: Examples) -> str:
    return f"/v1/customers/{examples.renewal_customer_id}/promotionEligibilities"


@pytest.fixture
def source(examples: Examples) -> str:
    path = f"/v1/customers/{examples.renewal_customer_id}/subscriptions"
    return f"{path}/{examples.renewable_subscription_id}"


def change_to_e5(term: str, **product: str) -> Body:
    members = {
        "productId": "CFQ7TTC0LFLZ",
        "skuId": "0002",
        "availabilityId": "CFQ7TTC0K71H",
        "billingCycle": "Annual",
        "termDuration": term,
    }
    return {"product": {**members, **product}, "quantity": 5}


async def verify(api: httpx.AsyncClient, path: str, *items: Body) -> list[Body]:
    response = await api.post(path, json={"items": items})
    assert response.status_code == 200
    found: list[Body] = response.json()["items"]
    return found


async def test_one_call_verifies_many_items(api: httpx.AsyncClient, path: str) -> None:
    none = {**ITEM, "catalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971"}
    first, second, third = await verify(
        api, path, {**ITEM, "id": 1}, {**ITEM, "id": 2, "termDuration": "P3Y"}, none
    )
    assert first["eligibilities"] == [{"promotionId": PROMOTION_ID, "isEligible": True}]
    assert {**ITEM, "id": 1}.items() <= first.items()
    (refused,) = second["eligibilities"]
    assert (refused["isEligible"], refused["errors"][0]["type"]) == (False, "Term")
    assert (third["eligibilities"], "id" in third) == ([], False)


async def test_a_promotion_is_limited_to_a_number_of_seats(
    api: httpx.AsyncClient, path: str
) -> None:
    for quantity, expected in ((200, True), (201, False)):
        (item,) = await verify(api, path, {**ITEM, "quantity": quantity})
        assert item["eligibilities"][0]["isEligible"] is expected


async def test_one_promotion_can_be_requested(api: httpx.AsyncClient, path: str) -> None:
    for promotion_id, count in ((PROMOTION_ID.lower(), 1), ("another", 0)):
        (item,) = await verify(api, path, {**ITEM, "promotionId": promotion_id})
        assert len(item["eligibilities"]) == count


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"items": []}, 400),
        ({"items": [1]}, 400),
        ({"items": [{**ITEM, "quantity": "5"}]}, 400),
        ({"items": [{**ITEM, "catalogItemId": "x"}]}, 404),
    ],
)
async def test_invalid_items_are_rejected(
    api: httpx.AsyncClient, path: str, body: Body, status: int
) -> None:
    assert (await api.post(path, json=body)).status_code == status


async def test_an_eligible_promotion_comes_back_even_if_none_was_sent(
    api: httpx.AsyncClient, source: str
) -> None:
    sent = change_to_e5("P1Y")
    body = (await schedule(api, source, sent)).json()
    assert body[INSTRUCTIONS]["product"] == {**sent["product"], "promotionId": PROMOTION_ID}
    echoed = await api.patch(source, json={**body, "friendlyName": "Front desk"})
    assert echoed.json()[INSTRUCTIONS] == body[INSTRUCTIONS]


async def test_a_promotion_for_another_term_is_dropped_without_an_error(
    api: httpx.AsyncClient, source: str
) -> None:
    response = await schedule(api, source, change_to_e5("P3Y", promotionId=PROMOTION_ID))
    assert response.json()[INSTRUCTIONS] == change_to_e5("P3Y")


async def test_an_unknown_promotion_is_rejected(api: httpx.AsyncClient, source: str) -> None:
    response = await schedule(api, source, change_to_e5("P1Y", promotionId="a:b:c"))
    assert (response.status_code, response.json()["code"]) == (400, 27007)
