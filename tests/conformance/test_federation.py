"""The routers of Apollo and Hive with the gateway as a subgraph."""

import json
from collections.abc import AsyncIterator
from typing import Final

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.support.journey import Journey, served_journey
from tests.support.node import needs_node, run_node

QUERY: Final = """
query Notes {
  pinned(ids: %s) {
    id note companyProfile { companyName } subscriptions(first: 2) { nodes { id } }
  }
  customers(first: 2) { nodes { id note } }
  offer(id: "%s") { id nodeId stars }
}
"""


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with served_journey(settings={"federation": True}) as started:
        yield started


@needs_node
async def test_routers_query_the_gateway_and_another_subgraph(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    ids = [examples.customer_id, examples.legacy_customer_id]
    query = QUERY % (json.dumps(ids), examples.offer_id)
    gateway.take_call_counts()
    done = await run_node("federation.mjs", f"{gateway.url}/graphql", query)

    assert done["problems"] == {"apollo": [], "hive": []}
    for router in ("apollo", "hive"):
        assert not done[router].get("errors"), router
        data = done[router]["data"]
        assert [customer["id"] for customer in data["pinned"]] == ids
        assert all(customer["companyProfile"]["companyName"] for customer in data["pinned"])
        assert all(customer["subscriptions"]["nodes"] for customer in data["pinned"])
        listed = data["customers"]["nodes"]
        assert [each["note"] for each in listed] == [f"note on {each['id']}" for each in listed]
        assert data["offer"]["stars"] == len(data["offer"]["nodeId"])
    # Both made the same calls; the offer is cached.
    assert gateway.take_call_counts() == {
        "get_customer": 4,
        "list_subscriptions": 4,
        "list_customers": 2,
        "get_offer": 1,
    }
    assert CliRunner().invoke(app, ["schema", "print", "--federation"]).stdout == f"{done['sdl']}\n"
