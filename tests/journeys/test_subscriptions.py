"""Live updates over real HTTP and WebSockets on both sides."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

import httpx
import pytest

from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.options import SandboxOptions, Timings
from tests.support.clock import ManualClock
from tests.support.journey import Journey, served_journey
from tests.support.streaming_clients import GraphQLSocket, event_payloads, graphql_socket
from tests.support.upgrades import UPGRADE, PossibleUpgrade
from tests.support.waiting import HANG_TIMEOUT_S, eventually

OPERATION: Final = """
subscription Operation($id: ID!) {
  operation(id: $id) { id state attempts { outcome } sourceSubscription { status } }
}
"""
BY_KEY: Final = "query($key: String!) { operationByKey(idempotencyKey: $key) { id state } }"
BATCH: Final = """
mutation Batch($input: UpgradeSubscriptionsInput!) {
  upgradeSubscriptions(input: $input) { batch { id } userErrors { message } }
}
"""
STATUS: Final = """
subscription Status($upgradeId: ID!, $request: ProductUpgradeRequest!) {
  productUpgradeStatus(upgradeId: $upgradeId, request: $request) { id status }
}
"""
PRODUCT_UPGRADE: Final = """
mutation Request($input: RequestProductUpgradeInput!) {
  requestProductUpgrade(input: $input) { operation { id } userErrors { message } }
}
"""
WATCHERS: Final = 200
SOCKETS: Final = 4


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with served_journey() as started:
        yield started


async def by_key(gateway: Journey, key: str) -> dict[str, Any]:
    found: dict[str, Any] = (await gateway.data(BY_KEY, key=key))["operationByKey"]
    return found


async def test_an_upgrade_ends_although_its_socket_was_closed_after_the_send(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    async with graphql_socket(gateway.url) as socket:
        await socket.subscribe("1", UPGRADE, input=upgrade.input("key-1"))
        await gateway.wait_until(lambda calls: len(calls.running("perform_upgrade")) == 1)
    unfinished = await by_key(gateway, "key-1")
    gateway.sandbox.faults.release()
    events = await event_payloads(gateway.client, OPERATION, id=unfinished["id"])

    assert unfinished["state"] == "RUNNING"
    assert events[-1]["data"]["operation"]["state"] == "DONE"
    assert await by_key(gateway, "key-1") == {"id": unfinished["id"], "state": "DONE"}
    assert gateway.sandbox.calls.count("perform_upgrade") == 1


async def test_one_key_is_one_operation_over_all_protocols(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    order = upgrade.input("key-1")
    async with graphql_socket(gateway.url) as socket:
        await socket.subscribe("1", UPGRADE, input=order)
        responses = [
            await gateway.execute(UPGRADE, input=order),
            *await event_payloads(gateway.client, UPGRADE, input=order),
            *await socket.collect_payloads("1"),
        ]

    operations = [response["data"]["upgradeSubscription"]["operation"] for response in responses]
    assert len(operations) == 3
    assert {(each["id"], each["state"]) for each in operations} == {(operations[0]["id"], "DONE")}
    assert gateway.sandbox.calls.count("perform_upgrade") == 1


async def test_a_subscription_yields_every_state_of_an_operation(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    order = upgrade.input("key-1", waitSeconds=0)
    data = await gateway.data(UPGRADE, input=order)
    operation_id = data["upgradeSubscription"]["operation"]["id"]
    async with graphql_socket(gateway.url) as socket:
        await gateway.wait_until(lambda calls: len(calls.running("perform_upgrade")) == 1)
        await socket.subscribe("1", OPERATION, id=operation_id)
        first = (await socket.receive())["payload"]["data"]["operation"]
        gateway.sandbox.faults.release()
        *_, last = await socket.collect_payloads("1")

    assert first["state"] == "RUNNING"
    assert first["sourceSubscription"] == {"status": "ACTIVE"}
    ended = last["data"]["operation"]
    assert (ended["state"], ended["attempts"]) == ("DONE", [{"outcome": "SUCCEEDED"}])
    assert ended["sourceSubscription"] != first["sourceSubscription"]


@pytest.mark.parametrize("field", ["operation", "batch"])
async def test_an_unknown_id_cannot_be_subscribed_to(gateway: Journey, field: str) -> None:
    document = f'subscription {{ {field}(id: "unknown") {{ id }} }}'
    (refused,) = await event_payloads(gateway.client, document)

    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert "data" not in refused


async def test_a_subscription_follows_a_batch_until_it_ends(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    line = upgrade.input("key-1")
    key = line.pop("idempotencyKey")
    wanted = {"idempotencyKey": key, "lines": [line], "waitSeconds": 0}
    payload = (await gateway.data(BATCH, input=wanted))["upgradeSubscriptions"]
    document = "subscription($id: ID!) { batch(id: $id) { state counts { done total } } }"
    events = await event_payloads(gateway.client, document, id=payload["batch"]["id"])

    last = events[-1]["data"]["batch"]
    assert last == {"state": "COMPLETED", "counts": {"done": 1, "total": 1}}


async def request_beside_gateway(gateway: Journey) -> dict[str, Any]:
    """Start a product upgrade in the sandbox without the gateway, and return its arguments."""
    customer_id = gateway.sandbox.world.examples.azure_customer_id
    request = {"customerId": customer_id, "productFamily": "Azure"}
    async with httpx.AsyncClient(
        headers={"Authorization": "Bearer sandbox"}, timeout=HANG_TIMEOUT_S
    ) as client:
        response = await client.post(f"{gateway.sandbox_url}/v1/productUpgrades", json=request)
    upgrade_id = response.headers["location"].partition("productUpgrades/")[2].partition("/")[0]
    return {"upgradeId": upgrade_id, "request": {"customerId": customer_id}}


async def followed_together(gateway: Journey, stack: AsyncExitStack) -> list[GraphQLSocket]:
    """Subscribe many clients to one product upgrade and receive its first state."""
    upgrade = await request_beside_gateway(gateway)
    sockets = [await stack.enter_async_context(graphql_socket(gateway.url)) for _ in range(SOCKETS)]
    for number in range(WATCHERS):
        await sockets[number % SOCKETS].subscribe(str(number), STATUS, **upgrade)
    for number in range(WATCHERS):
        message = await sockets[number % SOCKETS].receive()
        assert message["payload"]["data"]["productUpgradeStatus"]["status"] == "PENDING"
    return sockets


async def has_gone_on(clock: ManualClock, polls: int, heard: Sequence["asyncio.Task[Any]"]) -> bool:
    """Whether the next poll is scheduled, or every event was received."""
    return len(clock.slept) == polls or all(task.done() for task in heard)


async def test_subscribers_of_one_product_upgrade_share_one_call_an_interval() -> None:
    clock = ManualClock()
    options = SandboxOptions(timings=Timings(upgrade_pending_s=100, upgrade_in_progress_s=100))
    async with served_journey(options, clock=clock) as gateway, AsyncExitStack() as stack:
        calls = gateway.sandbox.calls
        sockets = await followed_together(gateway, stack)
        heard = [asyncio.create_task(all_messages(socket)) for socket in sockets]
        polls = 1
        while not all(task.done() for task in heard):
            await eventually(partial(has_gone_on, clock, polls, heard), bool)
            assert calls.count("get_product_upgrade_status") == polls
            if len(clock.slept) == polls:
                gateway.sandbox.clock.advance(clock.slept[-1])
                clock.advance(clock.slept[-1])
                polls += 1
        messages = [message for task in heard for message in task.result()]

    assert clock.slept == [5, 10, 20, 40, 60, 60, 60]
    states: dict[str, list[str]] = {}
    for message in messages:
        if message["type"] == "next":
            state = message["payload"]["data"]["productUpgradeStatus"]["status"]
            states.setdefault(message["id"], []).append(state)
    assert list(states.values()) == [["IN_PROGRESS", "COMPLETED"]] * WATCHERS


async def test_a_polling_operation_serves_all_subscribers() -> None:
    clock = ManualClock()
    async with served_journey(clock=clock) as gateway, AsyncExitStack() as stack:
        examples, calls = gateway.sandbox.world.examples, gateway.sandbox.calls
        candidate = {
            "idempotencyKey": "k",
            "customerId": examples.azure_customer_id,
            "waitSeconds": 0,
        }
        await gateway.data(PRODUCT_UPGRADE, input=candidate)
        await clock.wait_until_asleep(1)
        (call,) = calls.for_operation("get_product_upgrade_status")
        upgrade_id = call.path.split("/")[-2]
        upgrade = {"upgradeId": upgrade_id, "request": {"customerId": candidate["customerId"]}}
        socket = await stack.enter_async_context(graphql_socket(gateway.url))
        await socket.subscribe("1", STATUS, **upgrade)
        first = (await socket.receive())["payload"]["data"]["productUpgradeStatus"]
        gateway.sandbox.clock.advance(60)
        clock.advance(5)
        (last,) = await socket.collect_payloads("1")

    assert first["status"] == "PENDING"
    assert last["data"]["productUpgradeStatus"] == {"id": first["id"], "status": "COMPLETED"}
    assert calls.count("get_product_upgrade_status") == 2


async def all_messages(socket: GraphQLSocket) -> list[dict[str, Any]]:
    """Receive until every request of a socket is complete."""
    messages: list[dict[str, Any]] = []
    while sum(each["type"] == "complete" for each in messages) < WATCHERS / SOCKETS:
        messages.append(await socket.receive())
    return messages
