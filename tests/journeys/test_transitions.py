"""Transitions through the whole gateway, with a clock that also moves the sandbox's."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from gateway.sandbox.quirks import WireProfile
from tests.support.journey import Journey, journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.upgrades import execute

TRANSITION: Final = """
mutation Transition($input: TransitionSubscriptionInput!) {
  transitionSubscription(input: $input) {
    operation {
      state requestId attempts { outcome upstreamStatus } order { billingCycle rawBillingCycle }
      transition { operationId toCatalogItemId events { name status } }
    }
    userErrors { code message field }
  }
}
"""
TARGETS: Final = """
query Targets($customer: ID!, $id: ID!) {
  subscription(customerId: $customer, id: $id) {
    quantity transitionEligibilities { catalogItemId }
  }
}
"""


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    clock = SandboxClock()
    async with journey(clock=clock) as started:
        clock.journey = started
        yield started


async def wished(
    gateway: Journey, customer_id: str, subscription_id: str, **others: object
) -> dict[str, object]:
    found = await execute(gateway.client, TARGETS, customer=customer_id, id=subscription_id)
    source = found["subscription"]
    gateway.take_call_counts()
    return {
        "idempotencyKey": "key-1",
        "customerId": customer_id,
        "subscriptionId": subscription_id,
        "toCatalogItemId": source["transitionEligibilities"][0]["catalogItemId"],
        "quantity": source["quantity"],
        "transitionType": "TRANSITION_ONLY",
        **others,
    }


async def transitioned(gateway: Journey, input: dict[str, object]) -> dict[str, Any]:
    data = await execute(gateway.client, TRANSITION, input=input)
    payload: dict[str, Any] = data["transitionSubscription"]
    return payload


@pytest.fixture
async def transition(gateway: Journey) -> dict[str, object]:
    examples = gateway.sandbox.world.examples
    return await wished(
        gateway, examples.transition_customer_id, examples.new_commerce_subscription_id
    )


async def test_a_transition_is_polled_until_licenses_are_reassigned(
    gateway: Journey, transition: dict[str, object]
) -> None:
    payload = await transitioned(gateway, transition)

    assert payload["userErrors"] == []
    assert payload["operation"]["state"] == "DONE"
    events = payload["operation"]["transition"]["events"]
    assert {"name": "LICENSE_REASSIGNMENT", "status": "COMPLETED"} in events
    assert payload["operation"]["attempts"] == [{"outcome": "SUCCEEDED", "upstreamStatus": 200}]
    assert gateway.take_call_counts()["create_transition"] == 1


async def test_a_billing_cycle_is_sent_in_the_vendors_spelling(
    gateway: Journey, transition: dict[str, object]
) -> None:
    payload = await transitioned(gateway, {**transition, "billingCycle": "MONTHLY"})
    assert payload["operation"]["state"] == "DONE"
    ordered = {"billingCycle": "MONTHLY", "rawBillingCycle": "monthly"}
    assert payload["operation"]["order"] == ordered


async def test_events_may_be_listed_newest_first(
    gateway: Journey, transition: dict[str, object]
) -> None:
    gateway.sandbox.wire = WireProfile.from_names(["events-newest-first"])
    payload = await transitioned(gateway, transition)
    assert payload["operation"]["state"] == "DONE"


@pytest.mark.parametrize("quirks", [[], ["reasons-missing"], ["reasons-missing", "pascal-case"]])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"transitionType": "TRANSITION_WITH_LICENSE_TRANSFER"}, id="type"),
        pytest.param({"toSubscriptionId": "00000000-0000-0000-0000-000000000001"}, id="receiver"),
    ],
)
async def test_an_ineligible_transition_is_not_sent_with_or_without_reasons(
    gateway: Journey, transition: dict[str, object], quirks: list[str], changes: dict[str, object]
) -> None:
    account = gateway.sandbox.world.get_customer(
        str(transition["customerId"]), gateway.sandbox.clock()
    )
    account.allows_delegated_access = False
    gateway.sandbox.world.save(account)
    gateway.sandbox.wire = WireProfile.from_names(quirks)

    payload = await transitioned(gateway, {**transition, **changes})

    assert payload["operation"]["state"] == "REFUSED"
    assert [error["code"] for error in payload["userErrors"]] == ["NOT_ELIGIBLE"]
    assert "create_transition" not in gateway.take_call_counts()


async def test_a_partial_transition_ends_with_its_conversion(
    gateway: Journey, transition: dict[str, object]
) -> None:
    payload = await transitioned(gateway, {**transition, "quantity": 1})
    assert payload["operation"]["state"] == "DONE"
    names = [event["name"] for event in payload["operation"]["transition"]["events"]]
    assert set(names) == {"CONVERSION"}


@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.CUT_BEFORE])
async def test_a_lost_response_ends_done_after_one_transition(
    gateway: Journey, transition: dict[str, object], kind: FaultKind
) -> None:
    gateway.sandbox.faults.add(Fault(kind, "create_transition"))

    payload = await transitioned(gateway, transition)

    assert payload["operation"]["state"] == "DONE"
    assert payload["operation"]["attempts"][0]["outcome"] == "UNANSWERED"
    assert list(gateway.sandbox.world.upgrades_performed.values()) == [1]
    request_ids = {c.request_id for c in gateway.sandbox.calls.for_operation("create_transition")}
    assert request_ids == {payload["operation"]["requestId"]}


@pytest.mark.parametrize("fault", [None, FaultKind.CUT_AFTER])
async def test_a_legacy_source_ends_done(gateway: Journey, fault: FaultKind | None) -> None:
    examples = gateway.sandbox.world.examples
    transition = await wished(gateway, examples.customer_id, examples.upgradable_subscription_id)
    if fault is not None:
        gateway.sandbox.faults.add(Fault(fault, "create_transition"))

    payload = await transitioned(gateway, transition)

    assert payload["operation"]["state"] == "DONE"
    assert list(gateway.sandbox.world.upgrades_performed.values()) == [1]


@pytest.mark.parametrize(
    ("example", "state"),
    [
        ("failed_transition_subscription_id", "FAILED"),
        ("failed_reassignment_subscription_id", "DONE_WITH_LICENSE_ERRORS"),
    ],
)
async def test_a_failed_transition_ends_failed(gateway: Journey, example: str, state: str) -> None:
    examples = gateway.sandbox.world.examples
    subscription_id = getattr(examples, example)
    transition = await wished(gateway, examples.transition_customer_id, subscription_id)
    payload = await transitioned(gateway, transition)
    assert payload["operation"]["state"] == state


async def test_an_impossible_transition_is_refused_and_not_sent(
    gateway: Journey, transition: dict[str, object]
) -> None:
    foreign = await transitioned(gateway, {**transition, "toCatalogItemId": "A:B:C"})
    too_many = await transitioned(
        gateway, {**transition, "idempotencyKey": "key-2", "quantity": 1_000_000}
    )
    assert [e["code"] for e in foreign["userErrors"]] == ["NOT_ELIGIBLE"]
    assert [e["code"] for e in too_many["userErrors"]] == ["QUANTITY_OUT_OF_RANGE"]
    assert "create_transition" not in gateway.take_call_counts()


async def test_azure_is_refused_and_its_mutation_is_named(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    payload = await transitioned(
        gateway,
        {
            "idempotencyKey": "key-1",
            "customerId": examples.azure_customer_id,
            "subscriptionId": examples.azure_subscription_id,
            "toCatalogItemId": "A:B:C",
            "quantity": 1,
            "transitionType": "TRANSITION_ONLY",
        },
    )
    (error,) = payload["userErrors"]
    assert error["code"] == "WRONG_FAMILY"
    assert "requestProductUpgrade" in error["message"]
