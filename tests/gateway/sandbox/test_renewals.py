"""Renewals by the sandbox's clock, and the changes that remove a schedule (CONTRACT 10.4)."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from gateway.sandbox.app import Sandbox
from gateway.sandbox.examples import Examples
from gateway.sandbox.timestamps import DAY_S
from tests.gateway.sandbox.conftest import NOW_S
from tests.gateway.sandbox.routes.test_scheduled_changes import INSTRUCTIONS, Body, read, schedule

HOUR_S = 3600.0


@pytest.fixture
def path(examples: Examples) -> str:
    return f"/v1/customers/{examples.renewal_customer_id}/subscriptions"


@pytest.fixture
def scheduled(path: str, examples: Examples) -> str:
    return f"{path}/{examples.scheduled_subscription_id}"


def to_epoch_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def advance_to(sandbox: Sandbox, epoch_s: float) -> None:
    sandbox.clock.advance(epoch_s - sandbox.clock())


def compute_start_s(body: Body) -> float:
    """Return 00:00 UTC of the day after the inclusive end date."""
    start_s = to_epoch_s(body["commitmentEndDateTime"]) + 1
    assert start_s % DAY_S == 0
    return start_s


async def test_a_renewal_starts_after_the_end_date_and_applies_the_change(
    api: httpx.AsyncClient, sandbox: Sandbox, scheduled: str
) -> None:
    before = await read(api, scheduled)
    instructions = before[INSTRUCTIONS]
    start_s = compute_start_s(before)
    advance_to(sandbox, start_s - 1)
    assert await read(api, scheduled) == before
    assert (await schedule(api, scheduled, instructions)).status_code == 200
    advance_to(sandbox, start_s)
    assert await read(api, scheduled) == before
    assert (await schedule(api, scheduled, instructions)).status_code == 409
    advance_to(sandbox, start_s + HOUR_S)
    after = await read(api, scheduled)
    assert INSTRUCTIONS not in after
    product = instructions["product"]
    assert after["offerId"].split(":")[:2] == [product["productId"], product["skuId"]]
    assert (after["id"], after["quantity"]) == (before["id"], instructions["quantity"])
    assert (after["termDuration"], after["billingCycle"]) == ("P1Y", "monthly")
    assert to_epoch_s(after["commitmentEndDate"]) == start_s + 364 * DAY_S


async def test_a_renewal_opens_a_cancellation_window_of_seven_days(
    api: httpx.AsyncClient, sandbox: Sandbox, scheduled: str
) -> None:
    before = await read(api, scheduled)
    refused = await api.patch(scheduled, json={**before, "quantity": 1})
    assert (refused.status_code, refused.json()["code"]) == (400, 800090)
    completed_s = compute_start_s(before) + HOUR_S
    advance_to(sandbox, completed_s + 7 * DAY_S - 1)
    after = await read(api, scheduled)
    assert to_epoch_s(after["cancellationAllowedUntilDate"]) == completed_s + 7 * DAY_S
    assert (await api.patch(scheduled, json={**after, "quantity": 2})).json()["quantity"] == 2
    sandbox.clock.advance(1)
    assert (await api.patch(scheduled, json={**after, "quantity": 1})).status_code == 400


@pytest.mark.parametrize("processing_s", [0, 86_400])
async def test_the_time_of_a_renewal_can_be_set(
    api: httpx.AsyncClient, sandbox: Sandbox, scheduled: str, processing_s: float
) -> None:
    await api.put("/_sandbox/renewals", json={"processing_s": processing_s})
    before = await read(api, scheduled)
    advance_to(sandbox, compute_start_s(before) + processing_s - 0.5)
    assert INSTRUCTIONS in await read(api, scheduled)
    sandbox.clock.advance(0.5)
    assert INSTRUCTIONS not in await read(api, scheduled)


async def test_a_change_that_is_not_applied_is_gone_after_the_renewal(
    api: httpx.AsyncClient, sandbox: Sandbox, scheduled: str
) -> None:
    await api.put("/_sandbox/renewals", json={"applies_changes": False})
    before = await read(api, scheduled)
    advance_to(sandbox, compute_start_s(before) + DAY_S)
    after = await read(api, scheduled)
    assert INSTRUCTIONS not in after
    assert (after["offerId"], after["quantity"]) == (before["offerId"], before["quantity"])
    assert after["commitmentEndDate"] > before["commitmentEndDate"]


async def test_one_subscription_never_applies_its_change(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    source = f"{path}/{examples.unapplied_change_subscription_id}"
    before = await read(api, source)
    advance_to(sandbox, compute_start_s(before) + DAY_S)
    after = await read(api, source)
    assert INSTRUCTIONS not in after
    assert after["offerId"] == before["offerId"]


async def test_a_pending_renewal_can_last(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    source = f"{path}/{examples.renewing_subscription_id}"
    before = await read(api, source)
    assert compute_start_s(before) <= NOW_S
    sandbox.clock.advance(30 * DAY_S)
    assert await read(api, source) == before


async def test_a_subscription_without_auto_renewal_expires(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    source = f"{path}/{examples.without_auto_renew_subscription_id}"
    before = await read(api, source)
    assert (before["status"], before["autoRenewEnabled"]) == ("active", False)
    advance_to(sandbox, compute_start_s(before))
    assert (await read(api, source))["status"] == "expired"


async def test_a_month_is_renewed_as_often_as_the_time_requires(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str
) -> None:
    listed = (await read(api, path))["items"]
    before = next(
        each for each in listed if each.get("termDuration") == "P1M" and not each["isTrial"]
    )
    advance_to(sandbox, compute_start_s(before) + 65 * DAY_S)
    after = await read(api, f"{path}/{before['id']}")
    assert compute_start_s(after) == compute_start_s(before) + 90 * DAY_S


async def test_a_trial_is_renewed_to_its_paid_equivalent(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    trial = f"{path}/{examples.trial_subscription_id}"
    before = await read(api, trial)
    advance_to(sandbox, compute_start_s(before) + DAY_S)
    after = await read(api, trial)
    assert (after["isTrial"], after["termDuration"]) == (False, "P1Y")
    assert after["offerName"] == "Microsoft 365 Business Premium"
    assert INSTRUCTIONS not in after


@pytest.mark.parametrize(
    "members",
    [
        {"status": "deleted"},
        {"autoRenewEnabled": False},
        {"quantity": 500},
        {"status": "suspended"},
        {"termDuration": "P3Y"},
    ],
    ids=["cancel", "auto-renewal off", "quantity", "suspension", "term"],
)
async def test_a_mid_term_change_removes_the_schedule(
    api: httpx.AsyncClient, sandbox: Sandbox, scheduled: str, members: Body
) -> None:
    response = await api.patch(scheduled, json={**await read(api, scheduled), **members})
    assert response.status_code == 200
    assert INSTRUCTIONS not in response.json()
    assert response.json().items() >= members.items()


@pytest.mark.parametrize("quantity", ["all", "some"])
async def test_a_transition_removes_the_schedule(
    api: httpx.AsyncClient, scheduled: str, quantity: str
) -> None:
    before = await read(api, scheduled)
    targets = (await read(api, f"{scheduled}/transitionEligibilities"))["items"]
    order = {
        "toCatalogItemId": targets[0]["catalogItemId"],
        "quantity": before["quantity"] if quantity == "all" else 1,
        "transitionType": "transition_only",
    }
    assert (await api.post(f"{scheduled}/transitions", json=order)).status_code == 200
    assert INSTRUCTIONS not in await read(api, scheduled)


async def test_a_refused_transition_keeps_the_schedule(
    api: httpx.AsyncClient, scheduled: str
) -> None:
    assert (await api.post(f"{scheduled}/transitions", json={})).status_code == 400
    assert INSTRUCTIONS in await read(api, scheduled)


async def test_a_trial_is_converted_by_a_transition_and_loses_its_schedule(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    trial = f"{path}/{examples.trial_subscription_id}"
    before = await read(api, trial)
    targets = (await read(api, f"{trial}/transitionEligibilities"))["items"]
    order = {
        "toCatalogItemId": targets[0]["catalogItemId"],
        "quantity": before["quantity"],
        "transitionType": "transition_only",
    }
    assert (await api.post(f"{trial}/transitions", json=order)).status_code == 200
    sandbox.clock.advance(60)
    after = await read(api, trial)
    assert after["isTrial"] is False
    assert INSTRUCTIONS not in after


@pytest.mark.parametrize("members", [{"friendlyName": "Front desk"}, {"partnerId": "4847383"}])
async def test_renaming_and_another_partner_of_record_keep_the_schedule(
    api: httpx.AsyncClient, scheduled: str, members: Body
) -> None:
    before = await read(api, scheduled)
    response = await api.patch(scheduled, json={**before, **members})
    assert response.json()[INSTRUCTIONS] == before[INSTRUCTIONS]


async def test_a_mid_term_change_with_new_instructions_schedules_them(
    api: httpx.AsyncClient, scheduled: str
) -> None:
    before = await read(api, scheduled)
    change: dict[str, Any] = {**before[INSTRUCTIONS], "quantity": 7}
    response = await schedule(api, scheduled, change, quantity=before["quantity"] + 1)
    assert response.json()[INSTRUCTIONS] == change


async def test_a_new_receiver_of_licenses_loses_its_schedule(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    customer = sandbox.world.get_customer(examples.renewal_customer_id, NOW_S)
    receiver = customer.subscriptions[examples.scheduled_subscription_id]
    source = next(each for each in customer.subscriptions.values() if each.item == "exchange-p1")
    receiver.item = "exchange-p2"
    order = {
        "toCatalogItemId": sandbox.world.catalog.products["exchange-p2"].id,
        "quantity": 1,
        "transitionType": "transition_only",
        "toSubscriptionId": receiver.id,
    }
    response = await api.post(f"{path}/{source.id}/transitions", json=order)
    assert response.status_code == 200
    assert INSTRUCTIONS in await read(api, f"{path}/{receiver.id}")
    sandbox.clock.advance(60)
    assert INSTRUCTIONS not in await read(api, f"{path}/{receiver.id}")


async def test_scheduled_actions_decide_the_renewal_if_they_are_switched_on(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    await api.put("/_sandbox/renewals", json={"scheduled_actions": "array"})
    changed = f"{path}/{examples.renew_action_subscription_id}"
    cancelled = f"{path}/{examples.cancel_action_subscription_id}"
    before = await read(api, changed)
    body = {**await read(api, cancelled), "autoRenewEnabled": True}
    assert (await api.patch(cancelled, json=body)).json()["autoRenewEnabled"] is True
    advance_to(sandbox, compute_start_s(before) + DAY_S)
    after = await read(api, changed)
    assert after["offerName"] == "Office 365 E5"
    assert "scheduledActions" not in after
    assert (await read(api, cancelled))["status"] == "expired"


async def test_unknown_scheduled_actions_have_no_effect(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, examples: Examples
) -> None:
    source = f"{path}/{examples.renew_action_subscription_id}"
    before = await read(api, source)
    advance_to(sandbox, compute_start_s(before) + DAY_S)
    assert (await read(api, source))["offerId"] == before["offerId"]


async def test_a_partial_transition_passes_on_the_cancellation_window_of_its_source(
    api: httpx.AsyncClient, sandbox: Sandbox, path: str, scheduled: str
) -> None:
    targets = (await read(api, f"{scheduled}/transitionEligibilities"))["items"]
    order = {
        "toCatalogItemId": targets[0]["catalogItemId"],
        "quantity": 1,
        "transitionType": "transition_only",
    }
    started = (await api.post(f"{scheduled}/transitions", json=order)).json()
    sandbox.clock.advance(60)
    created = await read(api, f"{path}/{started['toSubscriptionId']}")
    source = await read(api, scheduled)
    member = "cancellationAllowedUntilDate"
    assert created[member] == source[member]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"processing_s": -1}, "processing_s is -1.0; expected 0 to 86400"),
        ({"processing_s": 86_401}, "processing_s is 86401.0; expected 0 to 86400"),
        ({"scheduled_actions": "list"}, "Invalid enum value 'list'"),
        ({"schedule_type_name": "type"}, "Invalid enum value 'type'"),
        ({"x": 1}, "unknown members x"),
    ],
)
async def test_invalid_renewal_options_are_rejected(
    api: httpx.AsyncClient, options: Body, message: str
) -> None:
    response = await api.put("/_sandbox/renewals", json=options)
    assert response.status_code == 400
    assert message in response.json()["error"]


async def test_a_reset_restores_the_renewal_options(api: httpx.AsyncClient) -> None:
    before = (await api.get("/_sandbox/renewals")).json()
    await api.put("/_sandbox/renewals", json={"shows_etags": True})
    await api.post("/_sandbox/reset")
    assert (await api.get("/_sandbox/renewals")).json() == before
