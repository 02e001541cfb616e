"""The names of new commerce subscriptions, from the catalog."""

from typing import Any

import pytest

from tests.support.upstream import ScriptedResponse, graph_over

CUSTOMER = "eebd1b55-5360-4438-a11d-5c06918c3014"
ID = "a356ac8c-e310-44f4-bf85-c7f29044af99"
LINKS = {"product": {"uri": "/products/P?country=DE"}}
DOCUMENT = (
    f'{{ customer(id: "{CUSTOMER}") {{ subscriptions {{ nodes {{'
    " product { title } sku { title } offer { name } } } } }"
)


def _replies(*offer_ids: str) -> dict[str, ScriptedResponse]:
    items = [{"id": f"{n}", "offerId": o, "links": LINKS} for n, o in enumerate(offer_ids)]
    return {
        "get_customer": ScriptedResponse({"id": CUSTOMER, "companyProfile": {}}),
        "list_subscriptions": ScriptedResponse({"items": items}),
        "get_product": ScriptedResponse({"id": "P", "title": "Business"}),
        "get_sku": ScriptedResponse({"id": "0001", "title": "Business Basic"}),
    }


async def test_subscriptions_to_one_sku_share_two_calls_and_later_requests_none() -> None:
    async with graph_over(_replies("P:0001:A", "p:0001:B", "P:0001:C")) as graph:
        for _ in range(2):
            data = await graph.data(DOCUMENT)
            names = {"product": {"title": "Business"}, "sku": {"title": "Business Basic"}}
            assert data["customer"]["subscriptions"]["nodes"] == [{**names, "offer": None}] * 3
        assert graph.upstream.count_calls("get_product") == 1
        assert graph.upstream.count_calls("get_sku") == 1
        (asked,) = [r for r in graph.upstream.received if r.operation == "get_sku"]
    assert (asked.path, asked.query) == ("/v1/products/P/skus/0001", {"country": "DE"})


async def test_a_country_and_a_language_may_be_chosen() -> None:
    document = DOCUMENT.replace("sku {", 'sku(country: "FR", locale: "fr-FR") {')
    async with graph_over(_replies("P:0001:A")) as graph:
        await graph.data(document)
        (asked,) = [r for r in graph.upstream.received if r.operation == "get_sku"]
    assert (asked.query["country"], asked.headers["X-Locale"]) == ("FR", "fr-FR")


@pytest.mark.parametrize("offer_id", ["MS-AZR-0145P", "195416C1-3447-423A-B37B-EE59A99A19C4"])
async def test_a_legacy_subscription_has_no_product_and_costs_no_call(offer_id: str) -> None:
    document = DOCUMENT.replace("offer { name }", "availability { id }")
    async with graph_over(_replies(offer_id)) as graph:
        data: Any = await graph.data(document)
    (node,) = data["customer"]["subscriptions"]["nodes"]
    assert node == {"product": None, "sku": None, "availability": None}
    assert {r.operation for r in graph.upstream.received} == {"get_customer", "list_subscriptions"}


async def test_a_subscription_keeps_its_other_fields_if_the_catalog_does_not_know_it() -> None:
    replies = _replies("P:0001:A")
    replies["get_sku"] = ScriptedResponse({"code": 400018}, 404)
    async with graph_over(replies) as graph:
        result = await graph.execute(DOCUMENT)
    (error,) = result.errors
    assert error["extensions"]["code"] == "NOT_FOUND"
    (node,) = result.data["customer"]["subscriptions"]["nodes"]
    assert (node["product"], node["sku"]) == ({"title": "Business"}, None)


async def test_a_malformed_id_is_rejected_without_a_call() -> None:
    async with graph_over({}) as graph:
        error = await graph.error('{ sku(productId: "../../evil", id: "0001") { title } }')
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert not graph.upstream.received
