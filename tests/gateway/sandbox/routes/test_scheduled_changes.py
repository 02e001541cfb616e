"""Changes that are scheduled for the renewal of a subscription (CONTRACT 4.19)."""

from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.bodies.subscriptions import build_etag
from gateway.sandbox.examples import Examples
from tests.gateway.sandbox.bodies.test_samples import list_members
from tests.support.samples import samples

Body = dict[str, Any]
INSTRUCTIONS = "scheduledNextTermInstructions"


@pytest.fixture
def path(examples: Examples) -> str:
    return f"/v1/customers/{examples.renewal_customer_id}/subscriptions"


@pytest.fixture
def source(path: str, examples: Examples) -> str:
    return f"{path}/{examples.renewable_subscription_id}"


@pytest.fixture
def change(sandbox: Sandbox) -> Body:
    """Instructions to renew to Microsoft 365 E5."""
    product = sandbox.world.catalog.products["m365-e5"]
    term = {
        "productId": product.product_id,
        "skuId": product.sku_id,
        "availabilityId": product.availability_id,
        "billingCycle": "Annual",
        "termDuration": "P3Y",
    }
    return {"product": term, "quantity": 4}


async def read(api: httpx.AsyncClient, path: str) -> Body:
    response = await api.get(path)
    assert response.status_code == 200
    body: Body = response.json()
    return body


async def schedule(
    api: httpx.AsyncClient, path: str, change: Body | None, **members: object
) -> httpx.Response:
    """Send the full subscription back with the change."""
    return await api.patch(path, json={**await read(api, path), INSTRUCTIONS: change, **members})


async def test_a_scheduled_change_is_echoed_and_read_back_in_lists_and_by_id(
    api: httpx.AsyncClient, path: str, source: str, change: Body
) -> None:
    before = await read(api, source)
    assert INSTRUCTIONS not in before
    response = await schedule(api, source, change)
    assert response.status_code == 200
    assert response.json() == {**before, INSTRUCTIONS: change}
    assert await read(api, source) == response.json()
    listed = (await read(api, path))["items"]
    assert response.json() in listed


async def test_a_response_has_the_members_of_the_sample(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    change["product"]["termDuration"] = "P1Y"
    change["customTermEndDate"] = "2025-12-31T00:00:00"
    ours = set(list_members((await schedule(api, source, change)).json()))
    theirs = set(list_members(samples()["schedule-change.response"].json))
    # The end date outside the instructions is that of the running term (Q32).
    assert theirs - ours == {".customtermenddate"}


async def test_a_change_can_be_replaced_and_removed_by_null(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    await schedule(api, source, change)
    change["quantity"] = 9
    assert (await schedule(api, source, change)).json()[INSTRUCTIONS]["quantity"] == 9
    assert INSTRUCTIONS not in (await schedule(api, source, None)).json()
    assert INSTRUCTIONS not in await read(api, source)


async def test_missing_members_get_their_default_values(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    before = (await schedule(api, source, change)).json()
    after = (await api.patch(source, json={"friendlyName": "Front desk"})).json()
    assert (after["friendlyName"], after["autoRenewEnabled"]) == ("Front desk", False)
    assert INSTRUCTIONS not in after
    assert after["quantity"] == before["quantity"]


async def test_missing_members_keep_their_values_if_updates_are_merged(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    await api.put("/_sandbox/renewals", json={"merges_updates": True})
    before = (await schedule(api, source, change)).json()
    after = (await api.patch(source, json={"friendlyName": "Front desk"})).json()
    assert after == {**before, "friendlyName": "Front desk"}


async def test_a_partial_body_with_the_required_members_is_accepted(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    body = {"autoRenewEnabled": True, INSTRUCTIONS: change}
    assert (await api.patch(source, json=body)).json()[INSTRUCTIONS] == change


async def test_member_names_are_compared_without_case(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    body = {"AUTORENEWENABLED": True, "ScheduledNextTermInstructions": change}
    assert (await api.patch(source, json=body)).json()[INSTRUCTIONS] == change


@pytest.mark.parametrize(
    ("etag", "status"),
    [(None, 200), ("current", 200), ('"current"', 200), ("stale", 400)],
    ids=["absent", "current", "quoted", "stale"],
)
async def test_an_etag_is_checked_only_if_it_is_sent(
    api: httpx.AsyncClient,
    sandbox: Sandbox,
    source: str,
    change: Body,
    etag: str | None,
    status: int,
) -> None:
    examples = sandbox.world.examples
    customer = sandbox.world.get_customer(examples.renewal_customer_id, sandbox.clock())
    current = build_etag(customer.subscriptions[examples.renewable_subscription_id])
    headers = {} if etag is None else {"If-Match": etag.replace("current", current)}
    body = {**await read(api, source), INSTRUCTIONS: change}
    response = await api.patch(source, json=body, headers=headers)
    assert response.status_code == status
    assert status == 200 or response.json()["code"] == 2055


async def test_new_commerce_subscriptions_have_etags_only_if_switched_on(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    assert "etag" not in (await read(api, source))["attributes"]
    await api.put("/_sandbox/renewals", json={"shows_etags": True})
    body = await read(api, source)
    headers = {"If-Match": body["attributes"]["etag"]}
    body[INSTRUCTIONS] = change
    assert (await api.patch(source, json=body, headers=headers)).status_code == 200
    body["quantity"] += 1
    again = await api.patch(source, json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (400, 2055)


@pytest.mark.parametrize(
    ("product", "members", "text"),
    [
        ({}, {"autoRenewEnabled": False}, "without autoRenewEnabled"),
        ({"productId": "CFQ7TTC0LH18", "skuId": "0001"}, {}, "no scheduled eligibility"),
        ({"skuId": "9999"}, {}, "there is no SKU CFQ7TTC0LFLZ:9999"),
        ({"productId": None}, {}, "productId of scheduledNextTermInstructions is missing"),
        ({"availabilityId": "CFQ7TTC00000"}, {}, "CFQ7TTC00000 is stale"),
        ({"termDuration": "P2Y"}, {}, "'P2Y' is not a term"),
        ({"billingCycle": "Weekly"}, {}, "'Weekly' is not a billing cycle"),
        ({"termDuration": "P1M"}, {}, "'Annual' is not a billing cycle"),
        (
            {"productId": "CFQ7TTC0LFLX", "skuId": "0004", "availabilityId": "CFQ7TTC0K2PD"},
            {},
            "no longer sold",
        ),
    ],
)
async def test_invalid_schedules_are_rejected_with_their_reason(
    api: httpx.AsyncClient,
    source: str,
    change: Body,
    product: Body,
    members: Body,
    text: str,
) -> None:
    change["product"] |= product
    response = await schedule(api, source, change, **members)
    assert (response.status_code, response.json()["code"]) == (400, 800002)
    assert text in response.json()["description"]
    assert INSTRUCTIONS not in await read(api, source)


@pytest.mark.parametrize("quantity", [0, 301, None, True, "4"])
async def test_invalid_scheduled_quantities_are_rejected(
    api: httpx.AsyncClient, source: str, change: Body, quantity: object
) -> None:
    response = await schedule(api, source, {**change, "quantity": quantity})
    assert (response.status_code, response.json()["code"]) == (400, 800002)


@pytest.mark.parametrize("value", [1, "x", [], {}, {"product": 1}])
async def test_instructions_without_a_product_are_rejected(
    api: httpx.AsyncClient, source: str, value: Any
) -> None:
    response = await schedule(api, source, value)
    assert (response.status_code, response.json()["code"]) == (400, 800002)


async def test_the_own_sku_can_be_scheduled_without_an_eligibility(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    product_id, sku_id, availability_id = (await read(api, source))["offerId"].split(":")
    change["product"] |= {
        "productId": product_id,
        "skuId": sku_id,
        "availabilityId": availability_id,
        "billingCycle": "monthly",
        "termDuration": "P1M",
    }
    assert (await schedule(api, source, change)).json()[INSTRUCTIONS] == change


async def test_scheduled_eligibilities_include_targets_that_are_not_possible_now(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    eligibilities = f"{source}/transitionEligibilities?eligibilityType="
    now = {each["title"] for each in (await read(api, f"{eligibilities}immediate"))["items"]}
    later = (await read(api, f"{eligibilities}scheduled"))["items"]
    assert {each["title"] for each in later} - now == {
        "Microsoft 365 E3 - Unattended License",
        "Microsoft 365 E3 (original)",
    }
    for each in later[:2]:
        product_id, sku_id, availability_id = each["catalogItemId"].split(":")
        assert each["eligibilities"][0]["isEligible"]
        change["product"] |= {
            "productId": product_id,
            "skuId": sku_id,
            "availabilityId": availability_id,
        }
        assert (await schedule(api, source, change)).status_code == 200


async def test_nothing_can_be_updated_while_the_renewal_is_pending(
    api: httpx.AsyncClient, path: str, examples: Examples, change: Body
) -> None:
    renewing = f"{path}/{examples.renewing_subscription_id}"
    for response in (
        await schedule(api, renewing, change),
        await schedule(api, renewing, None, autoRenewEnabled=False),
        await schedule(api, renewing, None, status="suspended"),
        await api.post(f"{renewing}/transitions", json={}),
    ):
        assert (response.status_code, response.json()["code"]) == (409, 900278)


async def test_a_subscription_without_auto_renewal_can_be_scheduled_after_it_is_switched_on(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples, change: Body
) -> None:
    source = f"{path}/{examples.without_auto_renew_subscription_id}"
    assert (await schedule(api, source, change)).status_code == 400
    target = sandbox.world.catalog.products["o365-e3"]
    change["product"] |= {
        "productId": target.product_id,
        "skuId": target.sku_id,
        "availabilityId": target.availability_id,
    }
    assert (await schedule(api, source, change)).status_code == 400
    response = await schedule(api, source, change, autoRenewEnabled=True)
    assert response.json()[INSTRUCTIONS] == change


async def test_a_trial_always_shows_its_paid_equivalent_for_a_year(
    api: httpx.AsyncClient, path: str, examples: Examples
) -> None:
    trial = f"{path}/{examples.trial_subscription_id}"
    body = await read(api, trial)
    assert body["isTrial"] is True
    assert body[INSTRUCTIONS] == {
        "product": {
            "productId": "CFQ7TTC0LCHC",
            "skuId": "0002",
            "availabilityId": "CFQ7TTC0K78T",
            "billingCycle": "Monthly",
            "termDuration": "P1Y",
        },
        "quantity": body["quantity"],
    }
    assert (await schedule(api, trial, None)).json()[INSTRUCTIONS] == body[INSTRUCTIONS]


async def test_a_legacy_subscription_has_no_scheduled_changes(
    api: httpx.AsyncClient, examples: Examples, change: Body
) -> None:
    source = f"/v1/customers/{examples.customer_id}/subscriptions"
    source += f"/{examples.upgradable_subscription_id}"
    response = await schedule(api, source, change)
    assert (response.status_code, response.json()["code"]) == (400, 800002)


async def test_a_repeated_update_gets_the_first_response(
    api: httpx.AsyncClient, source: str, change: Body
) -> None:
    body = {**await read(api, source), INSTRUCTIONS: change}
    headers = {"MS-RequestId": "8d0c9a53-9c2d-4d0e-8f4e-0b6a8a1f5a11"}
    first = await api.patch(source, json=body, headers=headers)
    await schedule(api, source, None)
    assert (await api.patch(source, json=body, headers=headers)).content == first.content
    assert INSTRUCTIONS not in await read(api, source)


async def test_scheduled_actions_are_unknown_by_default(
    api: httpx.AsyncClient, path: str, examples: Examples, source: str
) -> None:
    for each in (await read(api, path))["items"]:
        assert "scheduledActions" not in each
    body = {**await read(api, source), "scheduledActions": [{"actionType": "Nonsense"}]}
    assert "scheduledActions" not in (await api.patch(source, json=body)).json()


@pytest.mark.parametrize("form", ["array", "object"])
@pytest.mark.parametrize("name", ["scheduleType", "scheduledType"])
async def test_scheduled_actions_have_the_form_of_the_options(
    api: httpx.AsyncClient, path: str, examples: Examples, form: str, name: str
) -> None:
    options = {"scheduled_actions": form, "schedule_type_name": name}
    await api.put("/_sandbox/renewals", json=options)
    body = await read(api, f"{path}/{examples.cancel_action_subscription_id}")
    action = {name: "TermEnd", "actionType": "Cancel"}
    assert body["scheduledActions"] == ([action] if form == "array" else action)
    body = await read(api, f"{path}/{examples.renew_action_subscription_id}")
    found = body["scheduledActions"][0] if form == "array" else body["scheduledActions"]
    assert found["instructions"]["product"]["productId"] == "CFQ7TTC0LF8S"


@pytest.mark.parametrize("name", ["scheduleType", "scheduledType"])
async def test_scheduled_actions_win_over_the_older_member(
    api: httpx.AsyncClient, source: str, change: Body, name: str
) -> None:
    await api.put("/_sandbox/renewals", json={"scheduled_actions": "array"})
    action = {name: "TermEnd", "actionType": "RenewToNewTerm", "instructions": change}
    response = await schedule(api, source, {**change, "quantity": 8}, scheduledActions=action)
    assert response.status_code == 200
    body = response.json()
    assert INSTRUCTIONS not in body
    action = {"scheduleType": "TermEnd", "actionType": "RenewToNewTerm", "instructions": change}
    assert body["scheduledActions"] == [action]
    # An echo of the actions disables the older member.
    assert INSTRUCTIONS not in (await schedule(api, source, change)).json()
    replaced = (await schedule(api, source, change, scheduledActions=None)).json()
    assert "scheduledActions" not in replaced
    assert replaced[INSTRUCTIONS] == change


@pytest.mark.parametrize(
    "action",
    [
        "x",
        {"actionType": "Cancel"},
        {"scheduleType": "TermEnd"},
        {"scheduleType": "Never", "actionType": "Cancel"},
    ],
)
async def test_invalid_scheduled_actions_are_rejected(
    api: httpx.AsyncClient, source: str, action: object
) -> None:
    await api.put("/_sandbox/renewals", json={"scheduled_actions": "array"})
    response = await schedule(api, source, None, scheduledActions=[action])
    assert (response.status_code, response.json()["code"]) == (400, 800002)
