"""How many calls reads of the catalog need."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.upstream import errors
from resolvers.ports.directory import OffersKey
from schema import errors as schema_errors
from schema.keys import Market
from tests.support.upstream import ScriptedGraph, ScriptedResponse, graph_over

US = Market()
IDS = [f"offer-{number}" for number in range(8)]


def page(*offer_ids: str, **members: Any) -> ScriptedResponse:
    return ScriptedResponse(
        {"items": [{"id": offer_id.upper()} for offer_id in offer_ids], **members}
    )


def offers(graph: ScriptedGraph) -> Any:
    return graph.context().directory


REFUSALS: Mapping[str, tuple[int, int]] = {
    "an invalid id": (400, 800004),
    "of the products API": (400, 2100),
    "not in this country": (400, 800070),
    "unknown": (404, 1000),
}


async def test_four_offers_are_four_calls() -> None:
    async with graph_over({"get_offer": ScriptedResponse({"id": "any"})}) as graph:
        found = await offers(graph).offers(US, IDS[:4])
    assert len(found) == 4
    assert graph.upstream.count_calls("get_offer") == 4


async def test_five_offers_of_one_page_are_one_call_in_the_requested_order() -> None:
    async with graph_over({"list_offers": page(*IDS)}) as graph:
        found = await offers(graph).offers(US, IDS[4::-1])
    assert [offer.id for offer in found] == [i.upper() for i in IDS[4::-1]]
    assert len(graph.upstream.received) == 1
    assert graph.upstream.received[0].query == {"country": "US", "offset": "0", "size": "500"}
    assert graph.upstream.received[0].headers["X-Locale"] == "en-US"


async def test_an_offer_that_is_not_on_the_page_is_read_by_id() -> None:
    replies = {"list_offers": page(*IDS[:4]), "get_offer": ScriptedResponse({"id": IDS[4]})}
    async with graph_over(replies) as graph:
        found = await offers(graph).offers(US, IDS[:5])
    assert found[4].id == IDS[4]
    assert graph.upstream.count_calls("get_offer") == 1


async def test_a_request_uses_what_an_earlier_request_has_cached() -> None:
    async with graph_over(
        {"list_offers": page(*IDS), "get_offer": ScriptedResponse({"id": "one"})}
    ) as graph:
        await offers(graph).offers(US, ["one"])
        await offers(graph).offers(US, IDS)
        await offers(graph).offers(US, [*IDS, "one", IDS[0].upper()])
    assert graph.upstream.count_calls("list_offers") == 1
    assert graph.upstream.count_calls("get_offer") == 1


async def test_markets_are_cached_separately() -> None:
    async with graph_over({"get_offer": ScriptedResponse({"id": "one"})}) as graph:
        for market in (US, Market("DE"), Market("US", "de-DE")):
            (offer,) = await offers(graph).offers(market, ["one"])
            assert offer.market == market
    assert graph.upstream.count_calls("get_offer") == 3


@pytest.mark.parametrize(("status", "code"), REFUSALS.values(), ids=REFUSALS)
async def test_an_offer_that_is_not_sold_is_not_found(status: int, code: int) -> None:
    reply = ScriptedResponse(
        {"code": code, "description": "Not here."}, status, {"MS-RequestId": "r"}
    )
    async with graph_over({"get_offer": reply}) as graph:
        (error,) = await offers(graph).offers(US, ["one"])
        await offers(graph).offers(US, ["one"])
    assert isinstance(error, errors.UpstreamNotFound)
    assert isinstance(error, schema_errors.NotFound)
    assert (str(error), error.status) == ("Not here.", status)
    assert (error.upstream_code, error.request_id) == (str(code), "r")
    assert error.correlation_id
    assert graph.upstream.count_calls("get_offer") == 2, "a refusal is not cached"


async def test_other_errors_keep_their_class() -> None:
    reply = ScriptedResponse({"code": 800002, "description": "No."}, 400)
    async with graph_over({"get_offer": reply}) as graph:
        (error,) = await offers(graph).offers(US, ["one"])
    assert type(error) is errors.UpstreamBadInput


async def test_offers_that_are_not_sold_are_left_out_of_upgrade_targets() -> None:
    first = {"id": "one", "upgradeTargetOffers": ["two"], "prerequisiteOffers": []}
    document = '{ offer(id: "one") { upgradeTargets { id } prerequisites { id } } }'
    async with graph_over({"get_offer": ScriptedResponse(first)}) as graph:
        await graph.data('{ offer(id: "one") { id } }')
        graph.upstream.replies["get_offer"] = ScriptedResponse({"code": 800070}, 400)
        data = await graph.data(document)
        assert data == {"offer": {"upgradeTargets": [], "prerequisites": []}}

        graph.upstream.replies["get_offer"] = ScriptedResponse(
            {"code": 20002, "description": "No."}, 403
        )
        error = await graph.error(document)
    assert error["path"] == ["offer", "upgradeTargets"]
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_an_offer_without_add_ons_costs_no_call_for_them() -> None:
    replies = {"get_offer": ScriptedResponse({"id": "one", "hasAddOns": False})}
    async with graph_over(replies) as graph:
        data = await graph.data('{ offer(id: "one") { addOns { id } } }')
    assert data == {"offer": {"addOns": []}}
    assert graph.upstream.count_calls("list_offer_add_ons") == 0


async def test_pages_of_the_catalog_are_requested_by_offset() -> None:
    following = {"next": {"uri": "/v1/offers?offset=2", "method": "GET", "headers": []}}
    document = (
        "query ($after: String) { offers(first: 2, after: $after)"
        " { nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
    )
    async with graph_over({"list_offers": page("a", "b", links=following)}) as graph:
        first = (await graph.data(document))["offers"]
        graph.upstream.replies["list_offers"] = page("c")
        last = (await graph.data(document, after=first["pageInfo"]["endCursor"]))["offers"]
    assert [node["id"] for node in first["nodes"] + last["nodes"]] == ["A", "B", "C"]
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert [r.query["offset"] for r in graph.upstream.received] == ["0", "2"]


async def test_a_page_longer_than_requested_is_cut_and_has_a_next_page() -> None:
    async with graph_over({"list_offers": page("a", "b", "c")}) as graph:
        data = await graph.data("{ offers(first: 2) { nodes { id } pageInfo { hasNextPage } } }")
    assert data["offers"] == {
        "nodes": [{"id": "A"}, {"id": "B"}],
        "pageInfo": {"hasNextPage": True},
    }


async def test_an_unusual_id_on_a_page_does_not_affect_other_offers() -> None:
    async with graph_over({"list_offers": page("one", "", "..", "x" * 300)}) as graph:
        found = await offers(graph).offers_page(OffersKey(US, None, 0, 50))
    assert [offer.id for offer in found.offers][:2] == ["ONE", ""]


async def test_a_market_in_another_case_is_the_same() -> None:
    async with graph_over({"get_offer": ScriptedResponse({"id": "one"})}) as graph:
        for market in (US, Market("us"), Market("US", "EN-us")):
            await offers(graph).offers(market, ["one"])
    assert graph.upstream.count_calls("get_offer") == 1


@pytest.mark.parametrize(
    ("members", "size", "has_next"),
    [
        pytest.param({}, 8, True, id="a full page that says nothing"),
        pytest.param({}, 9, False, id="a page that is not full and says nothing"),
        pytest.param({"links": {"self": {"uri": "/offers"}}}, 8, False, id="links without next"),
        pytest.param({"links": {"next": {"uri": "/offers"}}}, 9, True, id="a next link"),
    ],
)
async def test_there_is_a_next_page_if_a_link_or_else_a_full_page_says_so(
    members: dict[str, Any], size: int, *, has_next: bool
) -> None:
    async with graph_over({"list_offers": page(*IDS, **members)}) as graph:
        found = await offers(graph).offers_page(OffersKey(US, None, 0, size))
    assert found.has_next is has_next
