"""Public GraphQL clients run a query, a mutation and a subscription against the gateway."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.support.journey import Journey, served_journey
from tests.support.node import needs_node, run_node
from tests.support.upgrades import find_possible_upgrades
from tests.support.waiting import HANG_TIMEOUT_S

QUERY = "query Q { customers(first: 1) { nodes { id } } }"
MUTATION = """mutation M {
  upgradeSubscription(input: %s) { operation { id state } userErrors { message } }
}"""
SUBSCRIPTION = 'subscription S { operation(id: "%s") { id state } }'


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with served_journey() as started:
        yield started


@pytest.fixture
async def documents(gateway: Journey) -> list[str]:
    """A query, a mutation, and a subscription to the operation that the mutation started."""
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    (upgrade, *_) = await find_possible_upgrades(gateway.client, customer_id)
    order = {name: json.dumps(value) for name, value in upgrade.input("key-1").items()}
    order["upgradeType"] = "UPGRADE_ONLY"
    mutation = MUTATION % (
        "{" + ", ".join(f"{name}: {value}" for name, value in order.items()) + "}"
    )
    operation = (await gateway.data(mutation))["upgradeSubscription"]["operation"]
    return [QUERY, mutation, SUBSCRIPTION % operation["id"]]


def is_complete(query: Any, mutation: Any, subscription: Any) -> bool:
    done = mutation["upgradeSubscription"]["operation"]
    (customer,) = query["customers"]["nodes"]
    subscribed = subscription["operation"]
    return bool(customer["id"]) and done["state"] == "DONE" and subscribed["id"] == done["id"]


@needs_node
@pytest.mark.parametrize(
    "client",
    ["graphql-ws", "graphql-sse", "graphql-sse, single connection", "urql", "Apollo Client"],
)
async def test_a_client_for_node_gets_all_responses(
    gateway: Journey, documents: list[str], client: str
) -> None:
    url = f"{gateway.url}/graphql"
    responses = await run_node("reference.mjs", client, url, *documents)

    assert [len(results) for results in responses] == [1, 1, 1]
    assert is_complete(*(results[-1] for results in responses))


INCREMENTAL = [
    "query Q { customers(first: 4) { nodes @stream(initialCount: 1) { id } } }",
    "query Q { customers(first: 4) { nodes @stream { id } } }",
    "query Q { customers(first: 4) { nodes @stream(initialCount: 9) { id } } }",
    "query Q { customers(first: 4) { ... @defer { nodes @stream(initialCount: 1) { id } } } }",
    """query Q { customers(first: 3) { nodes @stream(initialCount: 1) {
      id ... @defer { companyProfile { companyName } }
    } } }""",
    """query Q { customers(first: 2) { nodes {
      id subscriptions(first: 3) { nodes @stream(initialCount: 1) { id friendlyName } }
    } } }""",
]
# Apollo Client 4.3.8 puts these items into the wrong lists in the format of 2023, in which the
# client counts items itself.
NESTED_STREAMS = [
    """query Q { customers(first: 2) { nodes @stream(initialCount: 1) {
      id subscriptions(first: 3) { nodes @stream(initialCount: 1) { id friendlyName } }
    } } }"""
]
DIRECTIVE = re.compile(r"@(stream|defer)(\([^)]*\))?")


@needs_node
@pytest.mark.parametrize(
    ("client", "texts"),
    [
        ("urql", [*INCREMENTAL, *NESTED_STREAMS]),
        ("Apollo Client, format of 2022", [*INCREMENTAL, *NESTED_STREAMS]),
        ("Apollo Client, format of 2023", INCREMENTAL),
    ],
    ids=["urql", "Apollo Client, 2022", "Apollo Client, 2023"],
)
async def test_a_client_merges_incremental_results_correctly(
    gateway: Journey, client: str, texts: list[str]
) -> None:
    complete = [await gateway.data(DIRECTIVE.sub("", text)) for text in texts]
    merged = await run_node("incremental.mjs", client, f"{gateway.url}/graphql", *texts)

    assert without_type_names(merged) == complete


def without_type_names(value: Any) -> Any:
    """Remove `__typename`, which clients select by themselves."""
    if isinstance(value, dict):
        return {k: without_type_names(v) for k, v in value.items() if k != "__typename"}
    return [without_type_names(item) for item in value] if isinstance(value, list) else value


@needs_node
async def test_a_code_generator_for_node_reads_the_schema(gateway: Journey) -> None:
    result = await run_node("introspect.mjs", f"{gateway.url}/graphql")
    assert result["coding"] == "gzip"
    assert result["types"] > 100


async def test_gql_gets_the_same_responses_by_websocket_and_http(
    gateway: Journey, documents: list[str]
) -> None:
    url = f"{gateway.url}/graphql"
    socket = WebsocketsTransport(
        url.replace("http", "ws"), connect_timeout=HANG_TIMEOUT_S, ack_timeout=HANG_TIMEOUT_S
    )
    by_http = HTTPXAsyncTransport(url, timeout=HANG_TIMEOUT_S)
    async with Client(transport=by_http, execute_timeout=HANG_TIMEOUT_S) as session:
        responses: list[Any] = [await session.execute(gql(text)) for text in documents[:2]]
    async with Client(transport=socket, execute_timeout=HANG_TIMEOUT_S) as session:
        by_socket = [await session.execute(gql(text)) for text in documents[:2]]
        responses += [event async for event in session.subscribe(gql(documents[2]))]

    assert is_complete(*responses)
    assert by_socket == responses[:2]
