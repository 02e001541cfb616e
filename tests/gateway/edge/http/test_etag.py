from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, get_named_type

from gateway.edge.http.etag import CATALOG_FIELDS
from tests.support.edge_app import send_request
from tests.support.journey import journey
from tests.support.upstream import cached_graph

OFFERS = '{ offers(country: "US", first: 3) { nodes { id name } } }'


def reached(kind: GraphQLNamedType, expected_text: set[str]) -> set[str]:
    if isinstance(kind, GraphQLObjectType) and kind.name not in expected_text:
        expected_text.add(kind.name)
        for field in kind.fields.values():
            reached(get_named_type(field.type), expected_text)
    return expected_text


def test_catalog_fields_reach_only_catalog_types() -> None:
    schema: GraphQLSchema = cached_graph()._schema
    assert schema.query_type is not None
    fields = schema.query_type.fields
    types = {
        name: reached(get_named_type(fields[name].type), set())
        for name in CATALOG_FIELDS - {"__typename"}
    }
    found = set().union(*types.values())
    assert {"Offer", "OfferCategory"} <= found
    assert not [name for name in found if name.startswith(("Customer", "Upgrade", "Subscription"))]


async def test_a_client_with_the_current_etag_gets_304() -> None:
    async with journey() as gateway:
        first = await gateway.client.get("/graphql", params={"query": OFFERS})
        tag = first.headers["etag"]
        again = {
            name: await gateway.client.get(
                "/graphql", params={"query": OFFERS}, headers={"if-none-match": value}
            )
            for name, value in {
                "same": tag,
                "strong": tag.removeprefix("W/"),
                "one of several": f'"a", {tag}',
                "any": "*",
                "other": '"a"',
            }.items()
        }
        posted = await gateway.client.post(
            "/graphql", json={"query": OFFERS}, headers={"if-none-match": tag}
        )
        customers = await gateway.client.get(
            "/graphql", params={"query": "{ customers(first: 1) { nodes { id } } }"}
        )
    assert first.headers["cache-control"] == "private, no-cache"
    assert {name: response.status_code for name, response in again.items()} == {
        "same": 304,
        "strong": 304,
        "one of several": 304,
        "any": 304,
        "other": 200,
    }
    assert again["same"].content == b""
    assert again["same"].headers["etag"] == tag
    assert "content-length" not in again["same"].headers
    assert posted.status_code == 200
    assert "etag" not in posted.headers
    assert "etag" not in customers.headers
    assert customers.headers["cache-control"] == "no-store"


async def test_a_response_with_errors_has_no_etag() -> None:
    response = await send_request("GET", params={"query": '{ offer(id: "") { id } }'})
    assert "errors" in response.json()
    assert "etag" not in response.headers
