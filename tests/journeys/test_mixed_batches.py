"""Batches of orders of every kind: policy, seats, record, live progress and cancellation."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.batch_documents import CANCEL, batch_input, read_all_lines, submit_batch
from tests.support.family_orders import PRODUCT_UPGRADE, TRANSITION, UPGRADE, FamilyOrder
from tests.support.journey import Journey, journey, served_journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.streaming_clients import event_payloads
from tests.support.upgrades import execute

FAMILIES: Final = (UPGRADE, TRANSITION, PRODUCT_UPGRADE)
POLICY_TYPES: Final = {
    UPGRADE.kind: "UPGRADE_ONLY",
    TRANSITION.kind: "TRANSITION_ONLY",
    PRODUCT_UPGRADE.kind: "PRODUCT_UPGRADE",
}
RECORDED: Final = """
query Recorded($kinds: [OperationKindInput!]) {
  operations(kinds: $kinds) {
    nodes { id kind state idempotencyKey principal requestId attempts { outcome correlationId } }
  }
}
"""
WATCH: Final = """
subscription Watch($id: ID!) { batch(id: $id) { state counts { total open done } } }
"""
every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.kind)


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    clock = SandboxClock()
    async with served_journey(clock=clock) as started:
        clock.journey = started
        yield started


async def find_lines(gateway: Journey) -> list[dict[str, object]]:
    """Return a line of each of `FAMILIES`."""
    examples = gateway.sandbox.world.examples
    lines = [{**await each.find(gateway.client, examples, None)} for each in FAMILIES]
    gateway.take_call_counts()
    return lines


async def submitted(gateway: Journey, key: str, lines: list[dict[str, object]]) -> dict[str, Any]:
    return await submit_batch(gateway.client, batch_input(key, [], lines=lines))


def codes(payload: dict[str, Any]) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


def sends(gateway: Journey) -> list[int]:
    return [gateway.sandbox.calls.count(each.sends) for each in FAMILIES]


async def test_lines_of_every_kind_are_watched_and_recorded_alike(gateway: Journey) -> None:
    lines = await find_lines(gateway)
    batch = (
        await submit_batch(gateway.client, batch_input("key-1", [], lines=lines, waitSeconds=0))
    )["batch"]
    events = await event_payloads(gateway.client, WATCH, id=batch["id"])
    again = (await submitted(gateway, "key-1", lines))["batch"]

    assert events[-1]["data"]["batch"] == {
        "state": "COMPLETED",
        "counts": {"total": 3, "open": 0, "done": 3},
    }
    assert again["id"] == batch["id"]
    assert sends(gateway) == [1, 1, 1]
    operations = [each["operation"] for each in await read_all_lines(gateway.client, batch["id"])]
    for number, (family, operation) in enumerate(zip(FAMILIES, operations, strict=True), 1):
        (node,) = (await gateway.data(RECORDED, kinds=[family.kind]))["operations"]["nodes"]
        (call,) = gateway.sandbox.calls.for_operation(family.sends)
        assert node == {
            "id": operation["id"],
            "kind": family.kind,
            "state": "DONE",
            "idempotencyKey": f"key-1#{number}",
            "principal": "sandbox",
            "requestId": call.request_id,
            "attempts": [{"outcome": "SUCCEEDED", "correlationId": call.correlation_id}],
        }


@every_family
async def test_a_policy_against_one_kind_forbids_the_batch(
    tmp_path: Path, family: FamilyOrder
) -> None:
    policy, clock = tmp_path / "policy.toml", SandboxClock()
    allowed = [name for kind, name in POLICY_TYPES.items() if kind != family.kind]
    policy.write_text(f"upgrade_types = {allowed}")
    async with journey(settings={"guards": {"file": policy}}, clock=clock) as gateway:
        clock.journey = gateway
        lines = await find_lines(gateway)
        refused = await submitted(gateway, "key-1", lines)
        sent_before = sends(gateway)
        policy.write_text(f"upgrade_types = {[*POLICY_TYPES.values()]}")
        done = await submitted(gateway, "key-1", lines)

    assert (codes(refused), refused["batch"], sent_before) == (
        ["FORBIDDEN_BY_OPERATOR"],
        None,
        [0, 0, 0],
    )
    assert POLICY_TYPES[family.kind] in refused["userErrors"][0]["message"]
    assert done["batch"]["counts"]["done"] == 3


async def test_the_seats_of_lines_of_every_kind_are_added_up(tmp_path: Path) -> None:
    policy, clock = tmp_path / "policy.toml", SandboxClock()
    policy.write_text("")
    async with journey(settings={"guards": {"file": policy}}, clock=clock) as gateway:
        clock.journey = gateway
        upgrade, transition, product_upgrade = await find_lines(gateway)
        upgrade, transition = {**upgrade, "quantity": 3}, {**transition, "quantity": 2}
        policy.write_text("seats_per_hour = 4")
        over = await submitted(gateway, "key-1", [upgrade, transition, product_upgrade])
        policy.write_text("seats_per_hour = 5")
        done = await submitted(gateway, "key-1", [upgrade, transition, product_upgrade])
        again = await submitted(gateway, "key-1", [upgrade, transition, product_upgrade])
        more = await submitted(gateway, "key-2", [{**transition, "quantity": 1}])

    assert (codes(over), over["batch"]) == (["FORBIDDEN_BY_OPERATOR"], None)
    assert "5 seats" in over["userErrors"][0]["message"]
    assert done["batch"]["counts"]["done"] == 3
    assert again["batch"]["id"] == done["batch"]["id"]
    assert codes(more) == ["FORBIDDEN_BY_OPERATOR"]


@every_family
async def test_a_cancelled_batch_finishes_what_was_sent(
    gateway: Journey, family: FamilyOrder
) -> None:
    lines = await find_lines(gateway)
    first = lines[FAMILIES.index(family)]
    # The same customer's next line starts when the first one has ended.
    other_id = "00000000-0000-0000-0000-000000000001"
    second = {**lines[0], "customerId": first["customerId"], "subscriptionId": other_id}
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, family.sends))
    batch = (
        await submit_batch(
            gateway.client, batch_input("key-1", [], lines=[first, second], waitSeconds=0)
        )
    )["batch"]
    await gateway.wait_until(lambda calls: bool(calls.running(family.sends)))
    given = {"batchId": batch["id"], "waitSeconds": 0}
    cancelling = await execute(gateway.client, CANCEL, input=given)
    gateway.sandbox.faults.release()
    given["waitSeconds"] = 60
    cancelled = await execute(gateway.client, CANCEL, input=given)

    assert cancelling["cancelBatch"]["batch"]["state"] == "CANCELLING"
    ended = cancelled["cancelBatch"]["batch"]
    assert (ended["state"], ended["counts"]["done"], ended["counts"]["cancelled"]) == (
        "CANCELLED",
        1,
        1,
    )
