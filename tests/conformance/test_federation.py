"""The routers of Apollo and Hive with the gateway as a subgraph."""

import json
from collections.abc import AsyncIterator
from typing import Final

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.support.journey import Journey, served_journey
from tests.support.node import needs_node, run_node
from tests.support.upgrades import (
    PossibleUpgrade,
    count_upgrades,
    find_first_upgrade,
    find_possible_upgrades,
)

QUERY: Final = """
query Notes {
  pinned(ids: %s) {
    id note companyProfile { companyName } subscriptions(first: 2) { nodes { id } }
  }
  customers(first: 2) { nodes { id note } }
  offer(id: "%s") { id nodeId stars }
}
"""
PURCHASE: Final = """
%s: upgradeSubscription(input: {
  idempotencyKey: "%s", customerId: "%s", subscriptionId: "%s", targetOfferId: "%s",
  upgradeType: UPGRADE_ONLY, waitSeconds: 60
}) { operation { id state idempotencyKey } userErrors { code } }
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


def purchase(alias: str, key: str, upgrade: PossibleUpgrade) -> str:
    order = upgrade.customer_id, upgrade.subscription_id, upgrade.target_offer_id
    return PURCHASE % (alias, key, *order)


@needs_node
async def test_a_purchase_through_two_routers_with_one_key_is_one_operation(
    gateway: Journey,
) -> None:
    upgrade = await find_first_upgrade(gateway)
    document = f"mutation Buy {{{purchase('bought', 'key-1', upgrade)}}}"
    done = await run_node("federation.mjs", f"{gateway.url}/graphql", document)

    payloads = [done[router]["data"]["bought"] for router in ("apollo", "hive")]
    assert payloads[0] == payloads[1]
    assert payloads[0]["operation"]["state"] == "DONE"
    assert payloads[0]["operation"]["idempotencyKey"] == "key-1"
    assert count_upgrades(gateway) == [1]


@needs_node
async def test_two_purchases_in_one_document_are_rejected_unless_the_router_splits_them(
    gateway: Journey,
) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    one, other = (await find_possible_upgrades(gateway.client, customer_id))[:2]
    fields = purchase("one", "key-1", one) + purchase("other", "key-2", other)
    done = await run_node("federation.mjs", f"{gateway.url}/graphql", f"mutation Buy {{{fields}}}")

    assert done["apollo"]["data"] == {"one": None, "other": None}
    assert "one mutation with an idempotency key, not 2" in json.dumps(done["apollo"]["errors"])
    # Hive's router sends a document for each, one after the other.
    states = [payload["operation"]["state"] for payload in done["hive"]["data"].values()]
    assert states == ["DONE", "DONE"]
    assert count_upgrades(gateway) == [1, 1]
