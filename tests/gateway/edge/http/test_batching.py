import pytest

from tests.support.edge import app_with, asked

ONE = {"query": "{ __typename }"}


async def test_the_requests_of_an_array_are_answered_in_order() -> None:
    batch = [
        ONE,
        {"query": "{"},
        {"query": "mutation { __typename }"},
        {**ONE, "operationName": "A"},
    ]
    answer = await asked("POST", app_with(max_batch=4), json=batch)
    first, unreadable, change, unnamed = answer.json()
    assert answer.status_code == 200
    assert first["data"] == {"__typename": "Query"}
    assert "Syntax Error" in unreadable["errors"][0]["message"]
    assert "only queries" in change["errors"][0]["message"]
    assert "'A'" in unnamed["errors"][0]["message"]


@pytest.mark.parametrize(("most", "count"), [(0, 1), (4, 0), (4, 5)], ids=["off", "none", "many"])
async def test_an_array_that_will_not_do_is_refused_whole(most: int, count: int) -> None:
    answer = await asked("POST", app_with(max_batch=most), json=[ONE] * count)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "query",
    ["{ ... @defer { throttle { bucket } } }", "{ throttle @stream { bucket } }"],
    ids=["defer", "stream"],
)
async def test_what_is_answered_in_parts_is_refused_in_an_array(query: str) -> None:
    answer = await asked("POST", app_with(max_batch=4), json=[{"query": query}, ONE])
    in_parts, other = answer.json()
    assert in_parts["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert other["data"] == {"__typename": "Query"}


async def test_an_array_needs_a_client_that_takes_json() -> None:
    headers = {"accept": "text/event-stream"}
    answer = await asked("POST", app_with(max_batch=4), json=[ONE], headers=headers)
    assert answer.status_code == 406
