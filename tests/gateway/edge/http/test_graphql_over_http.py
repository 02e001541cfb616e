"""Status codes and media types of the GraphQL-over-HTTP draft; ids in names are those of audits."""

import json
from typing import Any

import httpx
import pytest

from tests.support.edge_app import app_with, send_request

JSON = {"content-type": "application/json"}
RESPONSE = {"accept": "application/graphql-response+json"}
LEGACY = {"accept": "application/json"}

TYPENAME = {"query": "{ __typename }"}
PARTIAL = {"query": '{ __typename node(nodeId: "x") { nodeId } }'}
UNCOERCED = {
    "query": "query A($id: ID!) { node(nodeId: $id) { nodeId } }",
    "variables": {"id": None},
}
UNKNOWN = {"query": "{ nothingOfTheKind }"}
AMBIGUOUS = {"query": "query A { __typename } query B { __typename }"}


async def posted(body: Any, headers: dict[str, str], statuses: str = "draft") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await send_request("POST", app_with(statuses=statuses), content=content, headers=headers)


@pytest.mark.parametrize(
    ("body", "response", "legacy"),
    [
        (TYPENAME, 200, 200),
        ({**TYPENAME, "variables": None, "operationName": None, "extensions": None}, 200, 200),
        ({**TYPENAME, "operationName": ""}, 200, 200),
        ({**TYPENAME, "extensions": {"a": 1}, "unknown": 1}, 200, 200),
        (PARTIAL, 294, 200),
        ({"query": "{"}, 400, 200),
        (UNKNOWN, 422, 200),
        (UNCOERCED, 422, 200),
        (AMBIGUOUS, 422, 200),
        ({**AMBIGUOUS, "operationName": "C"}, 422, 200),
        (b'{ "not a JSON', 400, 400),
        (b"", 400, 400),
        ({"qeury": "{ __typename }"}, 422, 400),
        ({"query": {"obj": "ect"}}, 422, 400),
        ({**TYPENAME, "operationName": 0}, 422, 400),
        ({**TYPENAME, "variables": ["array"]}, 422, 400),
        ({**TYPENAME, "extensions": "string"}, 422, 400),
        ([TYPENAME], 422, 400),
    ],
    ids=[
        "22EB-4655-answered", "94B-022-null parameters", "no name", "428F-1B7A-unknown members",
        "partly failed", "865D-572B-not parsed", "51FE-FDE2-not valid", "86EE-7B9B-not coerced",
        "which operation", "no such operation", "B7N8-BCF8-not JSON", "A5BF-empty", "423L-no query",
        "LKJ-query", "6C0-operationName", "476-variables", "58B-extensions", "an array",
    ],
)  # fmt: skip
async def test_the_status_depends_on_the_request(body: Any, response: int, legacy: int) -> None:
    by_draft = await posted(body, {**JSON, **RESPONSE})
    assert by_draft.status_code == response
    assert by_draft.headers["content-type"].startswith("application/graphql-response+json")
    to_older_client = await posted(body, {**JSON, **LEGACY})
    assert to_older_client.status_code == (200 if response == 294 else response)
    as_before = await posted(body, {**JSON, **LEGACY}, "legacy")
    assert as_before.status_code == legacy
    assert as_before.headers["content-type"] == "application/json; charset=utf-8"
    assert ("data" in as_before.json()) is (response in (200, 294))


@pytest.mark.parametrize("body", [{"query": "{"}, UNKNOWN, UNCOERCED], ids=["556A", "74FF", "86EE"])
async def test_legacy_statuses_use_400_instead_of_422(body: Any) -> None:
    assert (await posted(body, {**JSON, **RESPONSE}, "legacy")).status_code == 400


async def test_errors_for_json_clients_have_the_graphql_response_type() -> None:
    response = await posted(UNKNOWN, {**JSON, **LEGACY})
    assert response.headers["content-type"].startswith("application/graphql-response+json")
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("APPLICATION/JSON; charset=UTF-8", "application/json"),
        ("application/graphql-response+json, application/json;q=0.9", "graphql-response+json"),
        ("application/graphql-response+json, application/json", "graphql-response+json"),
        ("application/json, application/graphql-response+json", "application/json"),
        ("application/json;q=0.1, application/graphql-response+json;q=0.2", "graphql-response"),
        ("application/graphql-response+json;q=0, */*", "application/json"),
        ("application/json;q=0, */*;q=0.1", "graphql-response+json"),
        (
            "application/graphql-response+json, application/graphql+json, application/json,"
            " text/event-stream, multipart/mixed",
            "graphql-response+json",
        ),
        ("multipart/mixed;deferSpec=20220824, application/json", "application/json"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/json"),
        ("*/*;q=.8", "application/json"),
        ("*", "application/json"),
        ("", "application/json"),
        (" , ", "application/json"),
        ("nonsense", "application/json"),
        ("application/json;q=high", "application/json"),
        (", application/json ;charset=utf8; q=.5 ,", "application/json"),
    ],
    ids=[
        "80D8-none", "47DE-any", "any application", "json", "case and charset", "draft's own",
        "first of two", "the other first", "weights", "refused by name", "json refused", "urql",
        "Apollo Client", "Java up to 8", "no leading 0", "a lone star", "empty", "no members",
        "no media type", "no weight", "stray blanks and commas",
    ],
)  # fmt: skip
async def test_the_response_has_an_accepted_type(accept: str | None, expected: str) -> None:
    headers = JSON if accept is None else {**JSON, "accept": accept}
    response = await posted(TYPENAME, headers)
    assert response.status_code == 200
    assert expected in response.headers["content-type"]


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/jsonp", "application/json;q=0", "application/json; charset=latin-1"],
)
async def test_a_client_that_accepts_no_available_type_gets_406(accept: str) -> None:
    assert (await posted(TYPENAME, {**JSON, "accept": accept})).status_code == 406


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "text/plain; a=application/json",
    ],
)
async def test_9abe_a_body_of_another_type_gets_415(content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = await posted(TYPENAME, headers)
    assert response.status_code == 415
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("charset", ["UTF-8", "utf8", '"utf-8"'])
async def test_utf_8_is_accepted_in_every_spelling(charset: str) -> None:
    response = await posted(TYPENAME, {"content-type": f"application/json;charset={charset}"})
    assert response.status_code == 200


async def test_the_error_for_another_charset_names_utf_8() -> None:
    body = json.dumps(TYPENAME).encode("utf-16")
    declared = await posted(body, {"content-type": "application/json; charset=utf-16"})
    assert declared.status_code == 415
    assert "JSON in UTF-8" in declared.json()["errors"][0]["message"]
    undeclared = await posted(body, JSON)
    assert undeclared.status_code == 400
    assert "JSON in UTF-8" in undeclared.json()["errors"][0]["message"]


async def test_a_byte_order_mark_before_a_body_is_ignored() -> None:
    response = await posted(b"\xef\xbb\xbf" + json.dumps(TYPENAME).encode(), JSON)
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, identity"])
async def test_a_compressed_body_gets_415_with_accept_encoding(coding: str) -> None:
    response = await posted(TYPENAME, {**JSON, "content-encoding": coding})
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("method", ["PATCH", "QUERY"])
async def test_other_methods_get_405_with_the_allowed_methods(method: str) -> None:
    response = await send_request(method)
    assert (response.status_code, response.headers["allow"]) == (
        405,
        "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    )


async def test_options_returns_the_allowed_methods() -> None:
    response = await send_request("OPTIONS")
    assert (response.status_code, response.headers["allow"]) == (
        204,
        "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    )


async def test_5a70_a_query_over_get_is_executed_and_not_cached() -> None:
    response = await send_request("GET", params={"query": "{ throttle { bucket } }"})
    assert response.json() == {"data": {"throttle": []}}
    assert response.headers["cache-control"] == "no-store"


async def test_6a70_variables_over_get_are_json() -> None:
    query = "query Type($name: String!) { __type(name: $name) { name } }"
    response = await send_request("GET", params={"query": query, "variables": '{"name": "Query"}'})
    assert response.json() == {"data": {"__type": {"name": "Query"}}}


async def test_9c48_a_mutation_over_get_gets_405_with_allow() -> None:
    response = await send_request("GET", params={"query": "mutation { __typename }"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_82a3_bf61_text_is_utf_8_in_both_directions() -> None:
    response = await posted({"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}, JSON)
    assert response.json() == {"data": {"__type": None}}


async def test_every_rejection_has_a_code_and_a_correlation_id() -> None:
    (error,) = (await posted(b"{", JSON)).json()["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["correlationId"]


@pytest.mark.parametrize("name", ["content-type", "origin", "host", "content-encoding"])
async def test_a_repeated_single_value_header_gets_400(name: str) -> None:
    value = "127.0.0.1" if name == "host" else "application/json"
    headers = [("content-type", "application/json"), (name, value), (name, value)]
    response = await send_request("POST", json=TYPENAME, headers=headers)
    assert response.status_code == 400


async def test_several_accept_headers_are_joined() -> None:
    headers = [("accept", "text/html;q=0.1"), ("accept", "application/graphql-response+json")]
    response = await send_request("POST", json=TYPENAME, headers=headers)
    assert response.headers["content-type"].startswith("application/graphql-response+json")
