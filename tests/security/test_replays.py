from typing import Any

from tests.support.journey import journey
from tests.support.upgrades import find_possible_upgrades

FIELDS = "{ operation { id state } userErrors { code } }"


def document(count: int) -> str:
    """Return a document with the same mutation under `count` aliases."""
    aliases = [f"a{number}: upgradeSubscription(input: $input) {FIELDS}" for number in range(count)]
    return f"mutation ($input: UpgradeSubscriptionInput!) {{ {' '.join(aliases)} }}"


async def test_a_purchase_that_is_repeated_in_every_kind_of_request_happens_once() -> None:
    async with journey(settings={"http": {"max_batch": 10}}) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrade = (await find_possible_upgrades(gateway.client, customer_id))[0]
        variables = {"input": upgrade.input("the-key")}
        one: dict[str, Any] = {"query": document(1), "variables": variables}
        events = {"Accept": "text/event-stream"}

        responses = [await gateway.client.post("/graphql", json=one) for _ in range(2)]
        streamed = await gateway.client.post("/graphql", json=one, headers=events)
        aliased = await gateway.client.post("/graphql", json={**one, "query": document(10)})
        batched = await gateway.client.post("/graphql", json=[one] * 10)
        got = await gateway.client.get("/graphql", params={"query": document(1)})

        assert gateway.take_call_counts()["perform_upgrade"] == 1
        first, second = [response.json()["data"]["a0"]["operation"]["id"] for response in responses]
        assert first == second
        assert first in streamed.text
        assert all("errors" in each and "data" not in each for each in batched.json())
        assert (aliased.status_code, got.status_code) == (422, 405)
