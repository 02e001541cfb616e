"""Batches through the whole app, against the sandbox."""

import uuid

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.batch_documents import BATCH, CANCEL, batch_input, read_all_lines, submit_batch
from tests.support.clock import ManualClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import PossibleUpgrade, execute, find_possible_upgrades
from tests.support.waiting import eventually


async def upgrades_of(gateway: Journey, count: int) -> list[PossibleUpgrade]:
    """Return possible upgrades of as many customers as needed."""
    found: list[PossibleUpgrade] = []
    page = await gateway.data("{ customers(first: 100) { nodes { id } } }")
    for customer in page["customers"]["nodes"]:
        if len(found) < count:
            found += await find_possible_upgrades(gateway.client, customer["id"])
    gateway.sandbox.calls.clear()
    return found[:count]


async def test_every_line_of_a_batch_is_done_once() -> None:
    async with journey() as gateway:
        upgrades = await upgrades_of(gateway, 12)
        payload = await submit_batch(gateway.client, batch_input("key-1", upgrades))
        batch = payload["batch"]
        assert batch["state"] == "COMPLETED"
        assert (batch["counts"]["total"], batch["counts"]["done"]) == (12, 12)
        assert gateway.take_call_counts()["perform_upgrade"] == 12
        lines = await read_all_lines(gateway.client, batch["id"])

        operations = [each["operation"] for each in lines]
        assert [each["number"] for each in lines] == list(range(1, 13))
        assert [each["sourceSubscription"]["id"] for each in operations] == [
            upgrade.subscription_id for upgrade in upgrades
        ]
        assert len({each["requestId"] for each in operations}) == 12
        by_key = "query ByKey($key: String!) { operationByKey(idempotencyKey: $key) { id } }"
        seventh = await execute(gateway.client, by_key, key="key-1#7")
        assert seventh["operationByKey"]["id"] == operations[6]["id"]


async def test_batches_are_found_by_key_and_page_by_page() -> None:
    document = """
    query($key: String!, $after: String) {
      batchByKey(idempotencyKey: $key) { id counts { done } principal }
      batches(first: 2, after: $after) {
        nodes { idempotencyKey } pageInfo { hasNextPage endCursor }
      }
    }
    """
    async with journey() as gateway:
        upgrades = await upgrades_of(gateway, 3)
        made = [
            (await submit_batch(gateway.client, batch_input(f"key-{number}", [upgrade])))["batch"]
            for number, upgrade in enumerate(upgrades)
        ]
        first = await execute(gateway.client, document, key="key-1")
        cursor = first["batches"]["pageInfo"]["endCursor"]
        second = await execute(gateway.client, document, key="none", after=cursor)

    assert first["batchByKey"]["id"] == made[1]["id"]
    assert first["batchByKey"]["counts"] == {"done": 1}
    assert second["batchByKey"] is None
    keys = [
        [node["idempotencyKey"] for node in page["batches"]["nodes"]] for page in (first, second)
    ]
    assert keys == [["key-2", "key-1"], ["key-0"]]
    assert not second["batches"]["pageInfo"]["hasNextPage"]


async def test_a_429_to_the_reads_of_one_customer_delays_no_other() -> None:
    clock = ManualClock()
    async with journey(clock=clock) as gateway:
        examples = gateway.sandbox.world.examples
        busy = await find_possible_upgrades(gateway.client, examples.legacy_customer_id)
        others = await find_possible_upgrades(gateway.client, examples.four_offers_customer_id)
        gateway.sandbox.faults.add(
            Fault(
                FaultKind.THROTTLED,
                "list_subscriptions",
                customer_id=examples.legacy_customer_id,
                seconds=57,
            )
        )
        upgrades = [*busy[:1], *others[:1]]
        order = batch_input("key-1", upgrades, waitSeconds=0)
        batch = (await submit_batch(gateway.client, order))["batch"]
        await eventually(
            lambda: execute(gateway.client, BATCH, id=batch["id"]),
            lambda read: (
                (read["batch"]["counts"]["waiting"], read["batch"]["counts"]["done"]) == (1, 1)
            ),
        )
        # Selects nothing that is read from the vendor, which would respond with 429 now.
        stand = (
            "query S($id: ID!) { batch(id: $id) { lines { nodes { operation { state retryAt }}}}}"
        )
        read = await execute(gateway.client, stand, id=batch["id"])
        lines = read["batch"]["lines"]["nodes"]
        await execute(gateway.client, CANCEL, input={"batchId": batch["id"]})
    assert lines[0]["operation"]["retryAt"] == "2023-11-14T22:14:17Z"
    assert [each["operation"]["state"] for each in lines] == ["WAITING", "DONE"]


async def test_the_longest_batch_is_within_the_limits_of_size() -> None:
    ids = [str(uuid.UUID(int=number)) for number in range(1, 5_000)]
    upgrades = [PossibleUpgrade(ids[0], each, ids[0].upper()) for each in (*ids, ids[0])]
    async with journey() as gateway:
        payload = await submit_batch(gateway.client, batch_input("k" * 255, upgrades))
        (error,) = payload["userErrors"]
        assert error["field"] == ["input", "lines", "4999", "subscriptionId"]
        assert gateway.take_call_counts() == {}
