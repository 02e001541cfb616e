"""Every type that implements Node is read again by its `nodeId`."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from graphql import GraphQLInterfaceType

from gateway.engine.graphql_internals import unwrap_schema
from resolvers.graph import build_graph
from tests.support.batch_documents import SUBMIT_BATCH, line_input
from tests.support.journey import Journey, journey
from tests.support.upgrades import UPGRADE, find_first_upgrade

# The scalar fields that identify a node of each type, read in both ways.
MEMBERS: Final = """
fragment Members on Node {
  __typename
  nodeId
  ... on Customer { id companyProfile { companyName } }
  ... on CustomerSubscription { id friendlyName status quantity }
  ... on Offer { id name country }
  ... on UpgradeOperation { id idempotencyKey order { targetOfferId } }
  ... on UpgradeBatch { id idempotencyKey counts { total } }
}
"""
NODES: Final = (
    """
query Nodes($customer: ID!, $subscription: ID!, $operation: ID!, $batch: ID!) {
  customer(id: $customer) { ...Members }
  subscription(customerId: $customer, id: $subscription) { ...Members offer { ...Members } }
  operation(id: $operation) { ...Members }
  batch(id: $batch) { ...Members }
}
"""
    + MEMBERS
)
REFETCH: Final = "query Refetch($nodeId: ID!) { node(nodeId: $nodeId) { ...Members } }" + MEMBERS


@pytest.fixture(params=["compiled", "graphql_core"])
async def gateway(request: pytest.FixtureRequest) -> AsyncIterator[Journey]:
    async with journey(settings={"engine": request.param}) as started:
        yield started


async def test_every_node_type_is_read_again_by_its_node_id(gateway: Journey) -> None:
    upgrade = await find_first_upgrade(gateway)
    upgraded = await gateway.data(UPGRADE, input=upgrade.input("one"))
    batch = await gateway.data(
        SUBMIT_BATCH,
        input={"idempotencyKey": "many", "lines": [line_input(upgrade)], "waitSeconds": 60},
    )
    found = await gateway.data(
        NODES,
        customer=upgrade.customer_id,
        subscription=upgrade.subscription_id,
        operation=upgraded["upgradeSubscription"]["operation"]["id"],
        batch=batch["upgradeSubscriptions"]["batch"]["id"],
    )
    nodes = [*found.values(), found["subscription"].pop("offer")]

    assert {node["__typename"] for node in nodes} == implementations()
    for node in nodes:
        again: Any = await gateway.data(REFETCH, nodeId=node["nodeId"])
        assert again["node"] == node


def implementations() -> set[str]:
    schema = unwrap_schema(build_graph())
    interface = schema.type_map["Node"]
    assert isinstance(interface, GraphQLInterfaceType)
    return {each.name for each in schema.get_possible_types(interface)}
