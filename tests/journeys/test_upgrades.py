"""Upgrades of subscriptions through the whole gateway, against the sandbox over real HTTP."""

import asyncio
import contextlib

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey
from tests.support.upgrades import (
    UPGRADE,
    PossibleUpgrade,
    count_upgrades,
    find_possible_upgrades,
    list_attempt_outcomes,
    request_upgrade,
    wait_for_state,
)

SUBSCRIPTION = """
query Subscription($customer: ID!, $id: ID!) {
  subscription(customerId: $customer, id: $id) { status operations { id state } }
}
"""


async def test_an_upgrade_is_performed_once_and_read_back(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    payload = await request_upgrade(gateway.client, upgrade.input("key-1"))

    assert payload["userErrors"] == []
    operation = payload["operation"]
    assert operation["state"] == "DONE"
    assert list_attempt_outcomes(payload) == ["SUCCEEDED"]
    assert operation["sourceSubscription"] == {"status": "SUSPENDED"}
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    (sent,) = gateway.sandbox.calls.for_operation("perform_upgrade")
    assert sent.request_id == operation["requestId"]
    assert sent.correlation_id == operation["attempts"][0]["correlationId"]


async def test_a_thousand_with_one_key_are_one_upgrade(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    responses = await asyncio.gather(
        *(request_upgrade(gateway.client, upgrade.input("key-1")) for _ in range(1000))
    )

    assert gateway.take_call_counts()["perform_upgrade"] == 1
    assert responses[0]["operation"]["state"] == "DONE"
    assert all(response == responses[0] for response in responses)
    assert count_upgrades(gateway) == [1]


async def test_a_reused_key_with_another_payload_is_refused(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    await request_upgrade(gateway.client, upgrade.input("key-1"))
    gateway.take_call_counts()

    payload = await request_upgrade(gateway.client, upgrade.input("key-1", quantity=3))

    assert payload["operation"] is None
    (error,) = payload["userErrors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert "`operationByKey`" in error["message"]
    assert gateway.take_call_counts() == {}


async def test_ids_in_another_case_are_the_same_payload(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    first = await request_upgrade(gateway.client, upgrade.input("key-1"))
    shouted = PossibleUpgrade(
        upgrade.customer_id.upper(),
        upgrade.subscription_id.upper(),
        upgrade.target_offer_id.lower(),
    )
    again = await request_upgrade(gateway.client, shouted.input("key-1"))
    assert again["operation"]["id"] == first["operation"]["id"]


async def test_a_mutation_resets_what_the_request_has_read(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    await request_upgrade(gateway.client, upgrade.input("key-1"))
    data = await gateway.data(
        SUBSCRIPTION, customer=upgrade.customer_id, id=upgrade.subscription_id
    )
    assert data["subscription"]["status"] == "SUSPENDED"
    assert [each["state"] for each in data["subscription"]["operations"]] == ["DONE"]


async def test_users_whose_license_was_not_moved_are_listed(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    upgrades = await find_possible_upgrades(gateway.client, examples.customer_id)
    (upgrade,) = [
        w for w in upgrades if w.subscription_id == examples.license_errors_subscription_id
    ]

    payload = await request_upgrade(
        gateway.client, upgrade.input("key-1", upgradeType="UPGRADE_WITH_LICENSE_TRANSFER")
    )

    assert payload["operation"]["state"] == "DONE_WITH_LICENSE_ERRORS"
    assert payload["userErrors"] == []
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    users = payload["result"]["licenseErrors"]
    assert users
    assert all(user["userObjectId"] and user["errors"] for user in users)


async def test_an_upgrade_continues_when_its_client_disconnects(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    asking = asyncio.create_task(
        gateway.client.post(
            "/graphql", json={"query": UPGRADE, "variables": {"input": upgrade.input("key-1")}}
        )
    )
    await wait_for_state(gateway, "key-1", "RUNNING")
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    gateway.sandbox.faults.release()

    payload = await request_upgrade(gateway.client, upgrade.input("key-1"))

    assert payload["operation"]["state"] == "DONE"
    assert count_upgrades(gateway) == [1]


@pytest.mark.parametrize(
    "selections",
    [
        "a: upgradeSubscription(input: $i) { userErrors { code } } ...more",
        "... on Mutation { ...more ...again }",
        "...more a: upgradeSubscription(input: $i) { userErrors { code } }",
    ],
)
async def test_a_document_with_two_purchases_is_rejected(
    gateway: Journey, upgrade: PossibleUpgrade, selections: str
) -> None:
    document = f"""
    mutation M($i: UpgradeSubscriptionInput!) {{ {selections} }}
    fragment more on Mutation {{ b: upgradeSubscription(input: $i) {{ userErrors {{ code }} }} }}
    fragment again on Mutation {{ c: upgradeSubscription(input: $i) {{ userErrors {{ code }} }} }}
    """
    response = await gateway.client.post(
        "/graphql", json={"query": document, "variables": {"i": upgrade.input("key-1")}}
    )
    errors = response.json()["errors"]
    assert any("A document may contain one mutation" in error["message"] for error in errors)
    assert gateway.take_call_counts() == {}


async def test_nothing_is_bought_over_get(gateway: Journey, upgrade: PossibleUpgrade) -> None:
    response = await gateway.client.get("/graphql", params={"query": UPGRADE})
    assert response.status_code in {400, 405}
    assert gateway.take_call_counts() == {}
