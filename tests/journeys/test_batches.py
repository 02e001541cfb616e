"""Batches through the whole app, against the sandbox."""

from tests.support.batch_documents import all_lines, batch_input, ordered
from tests.support.journey import Journey, journey
from tests.support.upgrades import Wish, ask, possible_upgrades


async def wishes_of(gateway: Journey, count: int) -> list[Wish]:
    """Possible upgrades of as many customers as it takes."""
    found: list[Wish] = []
    page = await gateway.data("{ customers(first: 100) { nodes { id } } }")
    for customer in page["customers"]["nodes"]:
        if len(found) < count:
            found += await possible_upgrades(gateway.client, customer["id"])
    gateway.sandbox.calls.clear()
    return found[:count]


async def test_every_line_of_a_batch_is_done_once() -> None:
    async with journey() as gateway:
        wishes = await wishes_of(gateway, 12)
        payload = await ordered(gateway.client, batch_input("key-1", wishes))
        batch = payload["batch"]
        assert batch["state"] == "DONE"
        assert (batch["counts"]["total"], batch["counts"]["done"]) == (12, 12)
        assert gateway.calls()["perform_upgrade"] == 12
        lines = await all_lines(gateway.client, batch["id"])

        operations = [each["operation"] for each in lines]
        assert [each["number"] for each in lines] == list(range(1, 13))
        assert [each["sourceSubscription"]["id"] for each in operations] == [
            wish.subscription_id for wish in wishes
        ]
        assert len({each["requestId"] for each in operations}) == 12
        by_key = "query ByKey($key: String!) { operationByKey(idempotencyKey: $key) { id } }"
        seventh = await ask(gateway.client, by_key, key="key-1#7")
        assert seventh["operationByKey"]["id"] == operations[6]["id"]
