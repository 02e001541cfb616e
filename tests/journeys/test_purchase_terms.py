"""Promotions and custom ends of terms, through the graph (CONTRACT 4.20, 4.21)."""

import json
from typing import Any

import pytest

from tests.support.upstream import ScriptedResponse, graph_over

CUSTOMER = "eebd1b55-5360-4438-a11d-5c06918c3014"
FOUND = ScriptedResponse({"id": CUSTOMER, "companyProfile": {}})


def _promotions(name: str, item: str, quantity: int = 5) -> str:
    return (
        f'{name}: promotions(input: {{catalogItemId: "{item}", quantity: {quantity},'
        ' termDuration: "P1Y", billingCycle: MONTHLY}) { promotionId isEligible }'
    )


def _ask(*fields: str) -> str:
    return f'{{ customer(id: "{CUSTOMER}") {{ {" ".join(fields)} }} }}'


async def test_the_promotions_of_several_purchases_share_one_call() -> None:
    items = [
        {"id": n, "eligibilities": [{"promotionId": f"X:000{n}:Y", "isEligible": n == 0}]}
        for n in range(2)
    ]
    replies = {"get_customer": FOUND, "verify_promotions": ScriptedResponse({"items": items})}
    document = _ask(
        _promotions("a", "P:0001:A"), _promotions("b", "P:0002:A"), _promotions("c", "p:0001:a")
    )
    async with graph_over(replies) as graph:
        data = await graph.data(document)
        (asked,) = [r for r in graph.upstream.received if r.operation == "verify_promotions"]
    first = [{"promotionId": "X:0000:Y", "isEligible": True}]
    second = [{"promotionId": "X:0001:Y", "isEligible": False}]
    assert data["customer"] == {"a": first, "b": second, "c": first}
    assert asked.path == f"/v1/customers/{CUSTOMER}/promotionEligibilities"
    assert [item["catalogItemId"] for item in json.loads(asked.body)["items"]] == [
        "P:0001:A",
        "P:0002:A",
    ]


@pytest.mark.parametrize(
    ("field", "argument"),
    [
        (_promotions("a", "not an item"), "input.catalogItemId"),
        (_promotions("a", "P:1:A").replace("P1Y", "1 year"), "input.termDuration"),
        ('customTermEndDates(termDuration: "1Y") { cotermSubscriptionIds }', "termDuration"),
        (
            'customTermEndDates(termDuration: "P1Y", targetSubscriptionId: "x")'
            " { cotermSubscriptionIds }",
            "targetSubscriptionId",
        ),
    ],
)
async def test_a_malformed_argument_is_rejected_without_a_call(field: str, argument: str) -> None:
    async with graph_over({"get_customer": FOUND}) as graph:
        error = await graph.error(_ask(field))
        assert {r.operation for r in graph.upstream.received} == {"get_customer"}
    assert error["message"].startswith(f"{argument} must be")
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_custom_ends_of_terms_are_requested_in_snake_case_and_are_in_utc_q35() -> None:
    dates: dict[str, Any] = {
        "items": [
            {
                "allowedCustomTermEndDateType": "calendarMonthAligned",
                "allowedCustomTermEndDate": "2023-07-31T00:00:00",
            }
        ]
    }
    replies = {"get_customer": FOUND, "list_custom_term_end_dates": ScriptedResponse(dates)}
    field = (
        'customTermEndDates(termDuration: "P1M", startDate: "2023-07-01")'
        " { allowedCustomTermEndDate allowedCustomTermEndDateType }"
    )
    async with graph_over(replies) as graph:
        data = await graph.data(_ask(field))
        asked = graph.upstream.received[-1]
    assert asked.query == {"term_duration": "P1M", "term_start_date": "2023-07-01"}
    assert data["customer"]["customTermEndDates"] == [
        {
            "allowedCustomTermEndDate": "2023-07-31T00:00:00Z",
            "allowedCustomTermEndDateType": "CALENDAR_MONTH_ALIGNED",
        }
    ]
