"""Upgrades that the gateway or the vendor refuses, and the calls they make."""

import asyncio

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey
from tests.support.upgrades import (
    PossibleUpgrade,
    count_upgrades,
    execute,
    request_upgrade,
    wait_for_state,
)


@pytest.mark.parametrize(
    ("example", "code", "reason"),
    [
        ("suspended_subscription_id", "NOT_ELIGIBLE", "SUBSCRIPTION_STATUS_NOT_ACTIVE"),
        ("subscription_with_add_ons_id", "NOT_ELIGIBLE", "SUBSCRIPTION_ADD_ONS_PRESENT"),
        ("unprovisioned_subscription_id", "NOT_ELIGIBLE", "SUBSCRIPTION_NOT_PROVISIONED"),
        ("pathless_subscription_id", "NOT_ELIGIBLE", None),
    ],
)
async def test_an_ineligible_upgrade_is_a_user_error_and_is_not_sent(
    gateway: Journey, example: str, code: str, reason: str | None
) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id
    subscription_id = getattr(gateway.sandbox.world.examples, example)
    paths = await execute(
        gateway.client,
        "query P($c: ID!, $s: ID!) { subscription(customerId: $c, id: $s)"
        " { upgrades { targetOffer { id } } } }",
        c=customer_id,
        s=subscription_id,
    )
    offers = [u["targetOffer"]["id"] for u in paths["subscription"]["upgrades"]] or ["MS-NONE"]

    payload = await request_upgrade(
        gateway.client, PossibleUpgrade(customer_id, subscription_id, offers[0]).input("key-1")
    )

    assert payload["operation"]["state"] == "REFUSED"
    assert [error["code"] for error in payload["userErrors"]] == [code]
    reasons = [error["code"] for error in payload["result"]["upgradeErrors"]]
    assert reasons == ([] if reason is None else [reason])
    assert "perform_upgrade" not in gateway.take_call_counts()


@pytest.mark.parametrize(
    ("customer", "subscription", "mutation"),
    [
        ("transition_customer_id", "new_commerce_subscription_id", "transitionSubscription"),
        ("azure_customer_id", "azure_subscription_id", "requestProductUpgrade"),
    ],
)
async def test_another_family_is_refused_and_its_mutation_is_named(
    gateway: Journey, customer: str, subscription: str, mutation: str
) -> None:
    examples = gateway.sandbox.world.examples
    upgrade = PossibleUpgrade(
        getattr(examples, customer), getattr(examples, subscription), examples.offer_id
    )

    payload = await request_upgrade(gateway.client, upgrade.input("key-1"))

    assert payload["operation"]["state"] == "REFUSED"
    (error,) = payload["userErrors"]
    assert error["code"] == "WRONG_FAMILY"
    assert mutation in error["message"]
    assert gateway.take_call_counts().keys() == {"list_subscriptions", "get_subscription"}


async def test_a_quantity_that_is_not_sold_is_refused(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    payload = await request_upgrade(gateway.client, upgrade.input("key-1", quantity=2_000_000_000))
    (error,) = payload["userErrors"]
    assert error["code"] == "QUANTITY_OUT_OF_RANGE"
    assert error["field"] == ["input", "quantity"]
    assert "perform_upgrade" not in gateway.take_call_counts()


async def test_a_second_upgrade_while_one_runs_is_refused(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.HOLD, "perform_upgrade"))
    first = asyncio.create_task(request_upgrade(gateway.client, upgrade.input("key-1")))
    await wait_for_state(gateway, "key-1", "RUNNING")

    second = await request_upgrade(gateway.client, upgrade.input("key-2"))
    gateway.sandbox.faults.release()

    assert second["operation"]["state"] == "REFUSED"
    (error,) = second["userErrors"]
    assert (error["code"], error["retry"]) == ("UPGRADE_IN_PROGRESS", "NEW_KEY")
    assert (await first)["operation"]["state"] == "DONE"
    assert count_upgrades(gateway) == [1]


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"idempotencyKey": "k" * 256}, "idempotencyKey"),
        ({"idempotencyKey": "line\nfeed"}, "idempotencyKey"),
        ({"idempotencyKey": "renewals#1"}, "idempotencyKey"),
        ({"customerId": "42"}, "customerId"),
        ({"subscriptionId": "42"}, "subscriptionId"),
        ({"targetOfferId": "a b"}, "targetOfferId"),
        ({"quantity": 0}, "quantity"),
        ({"previewToken": "abc"}, "previewToken"),
        ({"waitSeconds": 61}, "waitSeconds"),
        ({"waitSeconds": -1}, "waitSeconds"),
    ],
)
async def test_invalid_input_names_its_argument_and_records_nothing(
    gateway: Journey, upgrade: PossibleUpgrade, changes: dict[str, object], argument: str
) -> None:
    payload = await request_upgrade(gateway.client, {**upgrade.input("key-1"), **changes})

    assert payload["operation"] is None
    (error,) = payload["userErrors"]
    assert (error["code"], error["retry"]) == ("INVALID_INPUT", "SAME_KEY")
    assert error["field"] == ["input", argument]
    assert gateway.take_call_counts() == {}
    assert (await gateway.data("{ operations { nodes { id } } }"))["operations"]["nodes"] == []


@pytest.mark.parametrize(
    ("example", "state", "code"),
    [
        ("removed_customer_id", "REFUSED", "NOT_FOUND"),
        ("foreign_customer_id", "REFUSED", "REFUSED_BY_VENDOR"),
    ],
)
async def test_an_order_for_a_foreign_customer_is_not_sent(
    gateway: Journey, upgrade: PossibleUpgrade, example: str, state: str, code: str
) -> None:
    customer_id = getattr(gateway.sandbox.world.examples, example)
    payload = await gateway.data(
        "mutation M($input: UpgradeSubscriptionInput!) { upgradeSubscription(input: $input)"
        " { operation { state } userErrors { code } } }",
        input=upgrade.input("key-1", customerId=customer_id),
    )
    assert payload["upgradeSubscription"] == {
        "operation": {"state": state},
        "userErrors": [{"code": code}],
    }
    assert "perform_upgrade" not in gateway.take_call_counts()
