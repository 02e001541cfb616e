import pytest

from tests.support.edge_app import app_with, send_request

ONE = {"query": "{ __typename }"}


async def test_responses_are_in_the_order_of_the_requests() -> None:
    batch = [
        ONE,
        {"query": "{"},
        {"query": "mutation { __typename }"},
        {**ONE, "operationName": "A"},
    ]
    response = await send_request("POST", app_with(max_batch=4), json=batch)
    first, unreadable, change, unnamed = response.json()
    assert response.status_code == 200
    assert first["data"] == {"__typename": "Query"}
    assert "Syntax Error" in unreadable["errors"][0]["message"]
    assert "only queries" in change["errors"][0]["message"]
    assert "'A'" in unnamed["errors"][0]["message"]


@pytest.mark.parametrize(("most", "count"), [(0, 1), (4, 0), (4, 5)], ids=["off", "none", "many"])
async def test_an_array_of_a_wrong_length_is_rejected(most: int, count: int) -> None:
    response = await send_request("POST", app_with(max_batch=most), json=[ONE] * count)
    assert response.status_code == 422
    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "query",
    ["{ ... @defer { throttle { bucket } } }", "{ throttle @stream { bucket } }"],
    ids=["defer", "stream"],
)
async def test_incremental_requests_are_rejected_in_an_array(query: str) -> None:
    response = await send_request("POST", app_with(max_batch=4), json=[{"query": query}, ONE])
    in_parts, other = response.json()
    assert in_parts["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert other["data"] == {"__typename": "Query"}


async def test_an_array_needs_a_client_that_accepts_json() -> None:
    headers = {"accept": "text/event-stream"}
    response = await send_request("POST", app_with(max_batch=4), json=[ONE], headers=headers)
    assert response.status_code == 406
