from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.examples import Examples

TRANSFER = {"transitionType": "transition_with_license_transfer"}


@pytest.fixture
def subscriptions(examples: Examples) -> str:
    return f"/v1/customers/{examples.transition_customer_id}/subscriptions"


@pytest.fixture
def source(subscriptions: str, examples: Examples) -> str:
    return f"{subscriptions}/{examples.new_commerce_subscription_id}"


@pytest.fixture
def order(sandbox: Sandbox, examples: Examples) -> dict[str, Any]:
    customer = sandbox.world.get_customer(examples.transition_customer_id, sandbox.clock())
    quantity = customer.subscriptions[examples.new_commerce_subscription_id].quantity
    return {
        "toCatalogItemId": sandbox.world.catalog.products["o365-e5"].id,
        "quantity": quantity,
        "transitionType": "transition_only",
    }


async def test_a_whole_transition_keeps_the_id_and_reassigns_its_users(
    api: httpx.AsyncClient, sandbox: Sandbox, source: str, order: dict[str, Any]
) -> None:
    started = (await api.post(f"{source}/transitions", json=order)).json()
    assert "toSubscriptionId" not in started
    assert [event["status"] for event in started["events"]] == ["Started"]
    sandbox.clock.advance(60)
    listing = (await api.get(f"{source}/transitions")).json()
    assert listing["totalCount"] == 1
    assert [(e["name"], e["status"]) for e in listing["items"][0]["events"]] == [
        ("Conversion", "Started"),
        ("Conversion", "Completed"),
        ("LicenseReassignment", "Started"),
        ("LicenseReassignment", "Completed"),
    ]
    assert (await api.get(source)).json()["offerId"] == order["toCatalogItemId"]


async def test_a_partial_transition_creates_a_new_subscription(
    api: httpx.AsyncClient,
    sandbox: Sandbox,
    subscriptions: str,
    source: str,
    order: dict[str, Any],
) -> None:
    before = (await api.get(source)).json()["quantity"]
    started = (await api.post(f"{source}/transitions", json={**order, "quantity": 1})).json()
    sandbox.clock.advance(60)
    created = (await api.get(f"{subscriptions}/{started['toSubscriptionId']}")).json()
    assert created["quantity"] == 1
    assert (await api.get(source)).json()["quantity"] == before - 1
    listing = (await api.get(f"{source}/transitions")).json()["items"][0]
    assert [event["name"] for event in listing["events"]] == ["Conversion", "Conversion"]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, ["Conversion", "LicenseReassignment"]),
        (TRANSFER, ["Conversion", "LicenseReassignment"]),
        ({"quantity": 1}, ["Conversion"]),
        ({"quantity": 1, **TRANSFER}, ["Conversion", "LicenseReassignment"]),
    ],
    ids=["whole", "whole with transfer", "part", "part with transfer"],
)
async def test_users_are_reassigned_in_place_or_on_request(
    api: httpx.AsyncClient,
    sandbox: Sandbox,
    source: str,
    order: dict[str, Any],
    change: dict[str, Any],
    names: list[str],
) -> None:
    await api.post(f"{source}/transitions", json={**order, **change})
    sandbox.clock.advance(60)
    events = (await api.get(f"{source}/transitions")).json()["items"][0]["events"]
    assert list(dict.fromkeys(event["name"] for event in events)) == names


async def test_a_second_transition_is_rejected_while_the_first_is_running(
    api: httpx.AsyncClient, source: str, order: dict[str, Any]
) -> None:
    await api.post(f"{source}/transitions", json={**order, "quantity": 1})
    second = await api.post(f"{source}/transitions", json=order)
    assert (second.status_code, second.json()["code"]) == (409, 900278)


@pytest.mark.parametrize("name", ["operationId", "operation-id", "OPERATIONID"])
async def test_q28_one_transition_is_found_by_either_name(
    api: httpx.AsyncClient, subscriptions: str, examples: Examples, name: str
) -> None:
    path = f"{subscriptions}/{examples.transitioned_subscription_id}/transitions"
    found = (await api.get(path)).json()["items"]
    by_id = (await api.get(f"{path}?{name}={found[0]['operationId']}")).json()
    assert by_id["items"] == found
    assert (await api.get(f"{path}?{name}=other")).json()["items"] == []


@pytest.mark.parametrize(
    ("member", "last"),
    [
        ("transitioned", ("LicenseReassignment", "Completed")),
        ("running_transition", ("Conversion", "Started")),
        ("failed_transition", ("Conversion", "Failed")),
        ("failed_reassignment", ("LicenseReassignment", "Failed")),
    ],
)
async def test_the_initial_world_has_every_state(
    api: httpx.AsyncClient,
    subscriptions: str,
    examples: Examples,
    member: str,
    last: tuple[str, str],
) -> None:
    path = f"{subscriptions}/{getattr(examples, f'{member}_subscription_id')}/transitions"
    event = (await api.get(path)).json()["items"][0]["events"][-1]
    assert (event["name"], event["status"]) == last


async def test_legacy_subscriptions_have_no_list_but_can_be_transitioned(
    api: httpx.AsyncClient, sandbox: Sandbox, examples: Examples
) -> None:
    path = f"/v1/customers/{examples.customer_id}/subscriptions/"
    path += examples.upgradable_subscription_id
    listing = await api.get(f"{path}/transitions")
    assert (listing.status_code, listing.json()["code"]) == (403, 900263)
    eligible = (await api.get(f"{path}/transitionEligibilities")).json()["items"]
    assert [item["title"] for item in eligible][:2] == ["Office 365 E1", "Office 365 E3"]
    order = {
        "toCatalogItemId": eligible[0]["catalogItemId"],
        "quantity": eligible[0]["quantity"],
        "transitionType": "transition_with_license_transfer",
    }
    started = (await api.post(f"{path}/transitions", json=order)).json()
    assert started["fromCatalogItemId"] == examples.offer_id
    sandbox.clock.advance(60)
    assert (await api.get(path)).json()["status"] == "suspended"
    successor = path.replace(examples.upgradable_subscription_id, started["toSubscriptionId"])
    assert (await api.get(successor)).json()["productType"]["id"] == "OnlineServicesNCE"


async def test_scheduled_eligibilities_have_no_receivers(
    api: httpx.AsyncClient, source: str
) -> None:
    path = f"{source}/transitionEligibilities"
    now = (await api.get(path)).json()["items"]
    later = (await api.get(f"{path}?eligibilityType=scheduled")).json()["items"]
    assert all("subscriptionEligibilities" in item for item in now)
    assert not any("subscriptionEligibilities" in item for item in later)
    wrong = await api.get(f"{path}?eligibilityType=never")
    assert (wrong.status_code, wrong.json()["code"]) == (400, 2000)


async def test_eligibilities_of_a_deleted_subscription_have_a_reason(
    api: httpx.AsyncClient, sandbox: Sandbox, subscriptions: str, examples: Examples
) -> None:
    customer = sandbox.world.get_customer(examples.transition_customer_id, sandbox.clock())
    deleted = next(s for s in customer.subscriptions.values() if s.status.value == "deleted")
    path = f"{subscriptions}/{deleted.id}/transitionEligibilities"
    items = (await api.get(path)).json()["items"]
    firsts = {each["errors"][0]["code"] for item in items for each in item["eligibilities"]}
    assert firsts == {2}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"toCatalogItemId": None}, 400, 800002),
        ({"toCatalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0K971"}, 400, 800024),
        ({"transitionType": "none"}, 400, 800002),
        ({"quantity": None}, 400, 800002),
        ({"quantity": True}, 400, 800002),
        ({"quantity": 0}, 400, 2002),
        ({"quantity": 10_000}, 400, 2002),
        ({"termDuration": "P2Y"}, 400, 900268),
        ({"termDuration": "P1M"}, 400, 900267),
        ({"billingCycle": "weekly"}, 400, 900269),
        ({"billingCycle": "triennial"}, 400, 900270),
        ({"toSubscriptionId": "11111111-1111-4111-8111-111111111111"}, 404, 20003),
    ],
    ids=str,
)
async def test_invalid_requests_are_rejected(
    api: httpx.AsyncClient,
    source: str,
    order: dict[str, Any],
    change: dict[str, Any],
    status: int,
    code: int,
) -> None:
    response = await api.post(f"{source}/transitions", json={**order, **change})
    assert (response.status_code, response.json()["code"]) == (status, code)
