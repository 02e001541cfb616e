import json
import re
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.settings import Settings
from tests.support.edge_app import STATIC, send_request

MULTIPART = {"accept": "multipart/mixed;deferSpec=20220824, application/json"}
DEFERRED = '{ __typename ... @defer(label: "later") { throttle { bucket } } }'


async def posted(query: str, headers: dict[str, str]) -> httpx.Response:
    return await send_request("POST", json={"query": query}, headers=headers)


def parts_of(response: httpx.Response) -> list[Any]:
    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"'
    beginning, *parts, end = re.split(r"\r\n---|^---", response.text)
    assert (beginning, end) == ("", "--\r\n")
    heads, bodies = zip(*(part.split("\r\n\r\n") for part in parts), strict=True)
    assert set(heads) == {"\r\nContent-Type: application/json; charset=utf-8"}
    return [json.loads(body) for body in bodies]


async def test_deferred_data_arrives_in_its_own_part() -> None:
    first, *others = parts_of(await posted(DEFERRED, MULTIPART))
    assert first["data"] == {"__typename": "Query"}
    assert first["hasNext"] is True
    assert [pending["label"] for pending in first["pending"]] == ["later"]
    (piece,) = [piece for other in others for piece in other.get("incremental", ())]
    assert piece["data"] == {"throttle": []}
    assert (piece["path"], piece["label"]) == ([], "later")
    assert others[-1]["hasNext"] is False


async def test_headers_keep_proxies_from_buffering_parts() -> None:
    headers = (await posted(DEFERRED, MULTIPART)).headers
    assert headers["x-accel-buffering"] == "no"
    assert headers["cache-control"] == "no-store, no-transform"
    assert headers["x-content-type-options"] == "nosniff"


async def test_an_error_in_a_later_part_has_a_code() -> None:
    query = '{ __typename ... @defer { node(nodeId: "x") { nodeId } } }'
    _, *others = parts_of(await posted(query, MULTIPART))
    (piece,) = [piece for other in others for piece in other.get("incremental", ())]
    (error,) = piece["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["path"] == ["node"]


async def test_a_disabled_defer_gives_a_single_response() -> None:
    (only,) = parts_of(await posted(DEFERRED.replace("label", "if: false, label"), MULTIPART))
    assert only == {"data": {"__typename": "Query", "throttle": []}}


async def test_a_rejected_request_gets_a_single_response() -> None:
    query = "query A($a: Boolean!) { __typename ... @defer(if: $a) { throttle { bucket } } }"
    response = await posted(query, MULTIPART)
    assert response.status_code == 422
    assert "$a" in response.json()["errors"][0]["message"]


def streamed(arguments: str) -> str:
    """Return a query that streams an empty list and declares the variables that it uses."""
    types = {"$n": "Int", "$if": "Boolean"}
    used = [f"{name}: {type_}" for name, type_ in types.items() if name in arguments]
    variables = f"({', '.join(used)})" if used else ""
    return f"query A{variables} {{ throttle @stream({arguments}) {{ bucket }} }}"


@pytest.mark.parametrize("engine", ["compiled", "graphql_core"])
@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ("initialCount: -1", {}),
        ("initialCount: null", {}),
        ("initialCount: $n", {"n": -1}),
        ("initialCount: $n", {"n": None}),
        ("initialCount: $n", {"n": 2**31}),
        ("initialCount: $n", {"n": "1"}),
        ("if: null", {}),
        ("if: $if", {"if": None}),
    ],
)
async def test_invalid_arguments_of_stream_are_invalid_input(
    engine: str, arguments: str, variables: dict[str, Any]
) -> None:
    app = create_app(Settings.model_validate({"partner": STATIC, "engine": engine}))
    body = {"query": streamed(arguments), "variables": variables}
    for accept in (MULTIPART["accept"], "text/event-stream", "application/json"):
        response = await send_request("POST", app, json=body, headers={"accept": accept})
        assert response.text.count('"INVALID_INPUT"') == 1


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ("if: false, initialCount: -1", {}),
        ("if: $if, initialCount: $n", {"if": False, "n": None}),
        ("initialCount: $n", {}),
        ("initialCount: 2147483647", {}),
    ],
)
async def test_valid_arguments_of_stream_are_accepted(
    arguments: str, variables: dict[str, Any]
) -> None:
    body = {"query": streamed(arguments), "variables": variables}
    first, *_ = parts_of(await send_request("POST", json=body, headers=MULTIPART))
    assert first["data"] == {"throttle": []}


@pytest.mark.parametrize("accept", ["application/json", "multipart/form-data", "*/*;q=0"])
async def test_a_client_that_does_not_accept_multipart_gets_406(accept: str) -> None:
    response = await posted(DEFERRED, {"accept": accept})
    assert response.status_code == 406
    assert "multipart/mixed" in response.json()["errors"][0]["message"]
