"""Changes at renewal: scheduled, removed, replaced, applied, deleted, and answers that are lost."""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest

from gateway.sandbox.examples import Examples
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.family_orders import (
    CANCEL_SCHEDULE,
    RENEWAL_TARGETS,
    SCHEDULE,
    TARGETS,
    TRANSITION,
    FamilyOrder,
    Members,
)
from tests.support.journey import Journey, journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.upgrades import execute

DAY_S: Final = 86_400.0
CONFIRMED: Final = {"partner": {"scheduled_change_removal": "confirmed"}}
SHOWN: Final = """
query Shown($customer: ID!, $id: ID!) {
  subscription(customerId: $customer, id: $id) {
    id offerName quantity commitmentEndDate autoRenewEnabled
    scheduledChange {
      shape actionType quantity customTermEndDate
      product { productId skuId termDuration billingCycle }
    }
    scheduledBy { id kind }
  }
}
"""
WARNINGS: Final = """
query Warnings($input: UpgradePreviewInput!) { upgradePreview(input: $input) { warnings { code } } }
"""


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    clock = SandboxClock()
    async with journey(settings=CONFIRMED, clock=clock) as started:
        clock.now += started.sandbox.clock() - clock.wall()
        clock.journey = started
        yield started


@pytest.fixture
def examples(gateway: Journey) -> Examples:
    return gateway.sandbox.world.examples


async def shown(gateway: Journey, subscription_id: str) -> Any:
    customer = gateway.sandbox.world.examples.renewal_customer_id
    found = await execute(gateway.client, SHOWN, customer=customer, id=subscription_id)
    return found["subscription"]


async def find_order(gateway: Journey) -> Members:
    return await SCHEDULE.find(gateway.client, gateway.sandbox.world.examples, None)


def order_for(examples: Examples, subscription_id: str, **members: object) -> Members:
    source = {"customerId": examples.renewal_customer_id, "subscriptionId": subscription_id}
    return {**source, **members}


async def refusal(gateway: Journey, members: Members) -> Any:
    """Schedule what must be refused, and return the error; nothing may be sent."""
    placed = await SCHEDULE.place(gateway.client, members)
    (error,) = placed["userErrors"]
    assert (placed["operation"]["state"], error["retry"]) == ("REFUSED", "NEW_KEY")
    assert gateway.sandbox.calls.count(SCHEDULE.sends) == 0
    return error


async def patch(gateway: Journey, subscription_id: str, **members: object) -> None:
    """Change a subscription as somebody else would, in Partner Center itself."""
    customer = gateway.sandbox.world.examples.renewal_customer_id
    path = f"/v1/customers/{customer}/subscriptions/{subscription_id}"
    headers = {"Authorization": f"Bearer {gateway.sandbox.options.credentials.developer_token}"}
    async with httpx.AsyncClient(base_url=gateway.sandbox_url, headers=headers) as vendor:
        before = (await vendor.get(path)).json()
        response = await vendor.patch(path, json={**before, **members})
        assert response.status_code == 200, response.text


async def test_a_scheduled_upgrade_is_applied_when_the_term_ends(
    gateway: Journey, examples: Examples
) -> None:
    source_id = examples.renewable_subscription_id
    before = await shown(gateway, source_id)
    order = await find_order(gateway)
    targets = await execute(
        gateway.client, RENEWAL_TARGETS, customer=examples.renewal_customer_id, id=source_id
    )
    target = targets["subscription"]["transitionEligibilities"][0]

    placed = await SCHEDULE.place(gateway.client, order)

    scheduled = await shown(gateway, source_id)
    assert placed["operation"]["state"] == "DONE"
    assert scheduled["scheduledBy"] == {
        "id": placed["operation"]["id"],
        "kind": "SCHEDULE_UPGRADE",
    }
    change = scheduled["scheduledChange"]
    product_id, sku_id, _ = target["catalogItemId"].split(":")
    assert change["product"]["productId"] == product_id
    assert change["product"]["skuId"] == sku_id
    assert change["quantity"] == before["quantity"] + 1
    assert {**scheduled, "scheduledChange": None, "scheduledBy": None} == before

    gateway.sandbox.clock.advance(400 * DAY_S)
    after = await shown(gateway, source_id)
    assert (after["offerName"], after["quantity"]) == (target["title"], before["quantity"] + 1)
    assert (after["scheduledChange"], after["scheduledBy"]) == (None, None)


async def test_the_product_can_stay_while_the_quantity_and_the_terms_change(
    gateway: Journey, examples: Examples
) -> None:
    source_id = examples.renewable_subscription_id
    before = await shown(gateway, source_id)
    members = {"quantity": 1, "termDuration": "P3Y", "billingCycle": "ANNUAL"}

    placed = await SCHEDULE.place(gateway.client, order_for(examples, source_id, **members))

    assert placed["userErrors"] == []
    change = (await shown(gateway, source_id))["scheduledChange"]
    assert change["quantity"] == 1
    product = change["product"]
    assert (product["termDuration"], product["billingCycle"]) == ("P3Y", "ANNUAL")
    gateway.sandbox.clock.advance(400 * DAY_S)
    after = await shown(gateway, source_id)
    assert (after["offerName"], after["quantity"]) == (before["offerName"], 1)


async def test_another_order_replaces_what_is_scheduled(
    gateway: Journey, examples: Examples
) -> None:
    source_id = examples.scheduled_subscription_id
    assert (await shown(gateway, source_id))["scheduledBy"] is None

    placed = await SCHEDULE.place(gateway.client, order_for(examples, source_id, quantity=7))

    assert placed["userErrors"] == []
    found = await shown(gateway, source_id)
    assert found["scheduledChange"]["quantity"] == 7
    assert found["scheduledBy"]["id"] == placed["operation"]["id"]


async def test_a_removed_change_is_not_applied(gateway: Journey, examples: Examples) -> None:
    source_id = examples.scheduled_subscription_id
    before = await shown(gateway, source_id)

    placed = await CANCEL_SCHEDULE.place(gateway.client, order_for(examples, source_id))

    assert placed["operation"]["state"] == "DONE"
    assert (await shown(gateway, source_id))["scheduledChange"] is None
    gateway.sandbox.clock.advance(400 * DAY_S)
    assert (await shown(gateway, source_id))["offerName"] == before["offerName"]


async def test_nothing_is_removed_unless_the_operator_has_confirmed_how() -> None:
    async with journey() as gateway:
        examples = gateway.sandbox.world.examples
        order = order_for(examples, examples.scheduled_subscription_id)
        placed = await CANCEL_SCHEDULE.place(gateway.client, order)
        (error,) = placed["userErrors"]
        assert error["code"] == "NOT_ELIGIBLE"
        assert "partner.scheduled_change_removal" in error["message"]
        assert gateway.sandbox.calls.count(CANCEL_SCHEDULE.sends) == 0


async def test_where_nothing_is_scheduled_there_is_nothing_to_remove(
    gateway: Journey, examples: Examples
) -> None:
    order = order_for(examples, examples.renewable_subscription_id)
    placed = await CANCEL_SCHEDULE.place(gateway.client, order)
    assert "No change of the subscription is scheduled" in placed["userErrors"][0]["message"]


@pytest.mark.parametrize(
    ("subscription", "code", "remedy"),
    [
        ("without_auto_renew_subscription_id", "NOT_ELIGIBLE", "Switch auto-renew on"),
        ("renewing_subscription_id", "NOT_ELIGIBLE", "renewal is pending"),
    ],
)
async def test_a_renewal_that_cannot_be_changed_is_refused_with_the_remedy(
    gateway: Journey, examples: Examples, subscription: str, code: str, remedy: str
) -> None:
    order = order_for(examples, getattr(examples, subscription), quantity=2)
    error = await refusal(gateway, order)
    assert error["code"] == code
    assert remedy in error["message"]


async def test_a_legacy_subscription_is_refused_with_its_own_mutation(
    gateway: Journey, examples: Examples
) -> None:
    order = {
        "customerId": examples.customer_id,
        "subscriptionId": examples.upgradable_subscription_id,
        "quantity": 2,
    }
    error = await refusal(gateway, order)
    assert error["code"] == "WRONG_FAMILY"
    assert "`upgradeSubscription`" in error["message"]


async def test_a_target_that_is_no_scheduled_eligibility_is_refused_with_those_that_are(
    gateway: Journey, examples: Examples
) -> None:
    possible = (await find_order(gateway))["toCatalogItemId"]
    order = order_for(
        examples,
        examples.renewable_subscription_id,
        toCatalogItemId="CFQ7TTC0XXXX:0001:CFQ7TTC0YYYY",
    )
    error = await refusal(gateway, order)
    assert error["code"] == "NOT_ELIGIBLE"
    assert "cannot renew to CFQ7TTC0XXXX:0001:CFQ7TTC0YYYY" in error["message"]
    assert str(possible) in error["message"]


async def test_terms_that_are_not_sold_are_refused_with_those_that_are(
    gateway: Journey, examples: Examples
) -> None:
    order = order_for(examples, examples.renewable_subscription_id, termDuration="P9Y")
    error = await refusal(gateway, order)
    assert "not sold for P9Y" in error["message"]
    assert "P1Y" in error["message"]


@pytest.mark.parametrize("form", ["array", "object"])
async def test_scheduled_actions_are_replaced_only_on_request(
    gateway: Journey, examples: Examples, form: str
) -> None:
    source_id = examples.cancel_action_subscription_id
    async with httpx.AsyncClient(base_url=gateway.sandbox_url) as control:
        await control.put("/_sandbox/renewals", json={"scheduled_actions": form})
    assert (await shown(gateway, source_id))["scheduledChange"]["actionType"] == "CANCEL"

    error = await refusal(gateway, order_for(examples, source_id, quantity=3))
    order = order_for(
        examples, source_id, quantity=3, replaceScheduledActions=True, idempotencyKey="key-2"
    )
    placed = await SCHEDULE.place(gateway.client, order)

    assert "`scheduledActions`" in error["message"]
    assert placed["operation"]["state"] == "DONE"
    change = (await shown(gateway, source_id))["scheduledChange"]
    assert (change["shape"], change["actionType"], change["quantity"]) == (
        "SCHEDULED_ACTIONS",
        "RENEW_TO_NEW_TERM",
        3,
    )


@pytest.mark.parametrize(
    "members",
    [
        {"status": "deleted"},
        {"autoRenewEnabled": False},
        {"quantity": 500},
        {"status": "suspended"},
        {"termDuration": "P3Y"},
    ],
    ids=["cancellation", "auto-renew off", "quantity", "suspension", "term"],
)
async def test_a_change_in_partner_center_that_deletes_the_schedule_is_shown(
    gateway: Journey, examples: Examples, members: dict[str, object]
) -> None:
    source_id = examples.renewable_subscription_id
    await SCHEDULE.place(gateway.client, await find_order(gateway))
    assert (await shown(gateway, source_id))["scheduledChange"] is not None

    await patch(gateway, source_id, **members)

    found = await shown(gateway, source_id)
    assert (found["scheduledChange"], found["scheduledBy"]) == (None, None)


async def test_a_transition_warns_of_the_schedule_that_it_deletes(
    gateway: Journey, examples: Examples
) -> None:
    source_id = examples.scheduled_subscription_id
    ids = {"customer": examples.renewal_customer_id, "id": source_id}
    source = (await execute(gateway.client, TARGETS, **ids))["subscription"]
    order = order_for(
        examples,
        source_id,
        toCatalogItemId=source["transitionEligibilities"][0]["catalogItemId"],
        transitionType="TRANSITION_ONLY",
        quantity=source["quantity"],
    )

    preview = (await execute(gateway.client, WARNINGS, input=order))["upgradePreview"]
    placed = await TRANSITION.place(gateway.client, order)

    assert "SCHEDULED_CHANGE_DELETED" in [each["code"] for each in preview["warnings"]]
    assert placed["operation"]["state"] == "DONE"
    found = await shown(gateway, source_id)
    assert (found["scheduledChange"], found["scheduledBy"]) == (None, None)


async def test_a_trial_always_has_a_change_until_it_is_converted(
    gateway: Journey, examples: Examples
) -> None:
    trial_id = examples.trial_subscription_id
    ids = {"customer": examples.renewal_customer_id, "id": trial_id}
    source = (await execute(gateway.client, TARGETS, **ids))["subscription"]
    assert (await shown(gateway, trial_id))["scheduledChange"] is not None
    order = order_for(
        examples,
        trial_id,
        toCatalogItemId=source["transitionEligibilities"][0]["catalogItemId"],
        transitionType="TRANSITION_ONLY",
        quantity=source["quantity"],
    )

    placed = await TRANSITION.place(gateway.client, order)

    assert placed["operation"]["state"] == "DONE"
    assert (await shown(gateway, trial_id))["scheduledChange"] is None


async def test_auto_renew_switched_off_meanwhile_is_not_switched_on_again(
    gateway: Journey, examples: Examples
) -> None:
    """The order is checked, and its answers are lost, before somebody ends the renewal."""
    source_id = examples.renewable_subscription_id
    gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, SCHEDULE.sends, times=1))
    order = {**await find_order(gateway), "waitSeconds": 0}
    await SCHEDULE.place(gateway.client, order)
    await gateway.wait_until(lambda calls: calls.count(SCHEDULE.sends) == 1)
    await patch(gateway, source_id, autoRenewEnabled=False)

    placed = await SCHEDULE.place(gateway.client, {**order, "waitSeconds": 60})

    assert placed["operation"]["state"] in {"FAILED", "REFUSED", "IN_DOUBT"}
    found = await shown(gateway, source_id)
    assert (found["autoRenewEnabled"], found["scheduledChange"]) == (False, None)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(FaultKind.CUT_AFTER, SCHEDULE.sends), ["UNANSWERED"]),
        (Fault(FaultKind.TRUNCATED_JSON, SCHEDULE.sends), ["UNANSWERED"]),
        (Fault(FaultKind.CUT_BEFORE, SCHEDULE.sends), ["UNANSWERED", "SUCCEEDED"]),
        (
            Fault(FaultKind.STATUS, SCHEDULE.sends, status=503, times=2),
            ["UNANSWERED", "UNANSWERED", "SUCCEEDED"],
        ),
        (Fault(FaultKind.STATUS, SCHEDULE.sends, status=429), ["THROTTLED", "SUCCEEDED"]),
    ],
    ids=["answer lost", "half a JSON", "request lost", "503 twice", "429"],
)
async def test_the_state_of_the_subscription_decides_about_lost_answers(
    gateway: Journey, examples: Examples, fault: Fault, expected: list[str]
) -> None:
    order = await find_order(gateway)
    gateway.sandbox.faults.add(fault)

    placed = await SCHEDULE.place(gateway.client, order)

    assert placed["operation"]["state"] == "DONE"
    assert [each["outcome"] for each in placed["operation"]["attempts"]] == expected
    assert (await shown(gateway, examples.renewable_subscription_id))["scheduledBy"] is not None


END_DATES: Final = """
query EndDates($customer: ID!) {
  customer(id: $customer) { customTermEndDates(termDuration: "P1Y") { allowedCustomTermEndDate } }
}
"""


async def test_a_custom_end_that_was_not_scheduled_is_scheduled_again(
    gateway: Journey, examples: Examples
) -> None:
    """The same terms are scheduled already, but with another end."""
    source_id = examples.renewable_subscription_id
    found = await execute(gateway.client, END_DATES, customer=examples.renewal_customer_id)
    *_, ends = found["customer"]["customTermEndDates"]
    order = order_for(examples, source_id, quantity=5)
    await SCHEDULE.place(gateway.client, order)
    gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, SCHEDULE.sends))
    aligned = {
        **order,
        "customTermEndDate": ends["allowedCustomTermEndDate"],
        "idempotencyKey": "key-2",
    }

    placed = await SCHEDULE.place(gateway.client, aligned)

    assert [each["outcome"] for each in placed["operation"]["attempts"]] == [
        "UNANSWERED",
        "SUCCEEDED",
    ]
    after = await shown(gateway, source_id)
    assert after["scheduledChange"]["customTermEndDate"] == ends["allowedCustomTermEndDate"]
    assert after["scheduledBy"]["id"] == placed["operation"]["id"]


PREVIEW: Final = """
query Preview($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    isEligible previewToken targetAfterwards userErrors { code }
  }
}
"""


@pytest.mark.parametrize("family", [SCHEDULE, CANCEL_SCHEDULE], ids=lambda each: each.kind)
async def test_a_change_that_somebody_schedules_after_the_preview_is_not_overridden(
    gateway: Journey, examples: Examples, family: FamilyOrder
) -> None:
    source_id = examples.scheduled_subscription_id
    order = {**order_for(examples, source_id), "kind": family.kind}
    preview = (await execute(gateway.client, PREVIEW, input=order))["upgradePreview"]
    await SCHEDULE.place(
        gateway.client, order_for(examples, source_id, quantity=9, idempotencyKey="theirs")
    )

    placed = await family.place(gateway.client, {**order, "previewToken": preview["previewToken"]})

    assert [each["code"] for each in placed["userErrors"]] == ["PREVIEW_CHANGED"]
    assert (await shown(gateway, source_id))["scheduledChange"]["quantity"] == 9


async def test_the_removal_of_a_cancellation_does_not_promise_a_renewal(
    gateway: Journey, examples: Examples
) -> None:
    async with httpx.AsyncClient(base_url=gateway.sandbox_url) as control:
        await control.put("/_sandbox/renewals", json={"scheduled_actions": "array"})
    order = order_for(
        examples,
        examples.cancel_action_subscription_id,
        kind=CANCEL_SCHEDULE.kind,
        replaceScheduledActions=True,
    )
    preview = (await execute(gateway.client, PREVIEW, input=order))["upgradePreview"]
    assert preview["userErrors"] == []
    assert "ends with its term" in preview["targetAfterwards"]


async def test_the_change_that_every_trial_has_is_not_removed(
    gateway: Journey, examples: Examples
) -> None:
    order = order_for(examples, examples.trial_subscription_id)
    placed = await CANCEL_SCHEDULE.place(gateway.client, order)
    (error,) = placed["userErrors"]
    preview = (
        await execute(gateway.client, PREVIEW, input={**order, "kind": CANCEL_SCHEDULE.kind})
    )["upgradePreview"]
    assert (placed["operation"]["state"], error["code"]) == ("REFUSED", "NOT_ELIGIBLE")
    assert "switch auto-renew off" in error["message"]
    assert (preview["isEligible"], preview["previewToken"]) == (False, None)
    assert gateway.sandbox.calls.count(CANCEL_SCHEDULE.sends) == 0


@pytest.mark.parametrize("family", [SCHEDULE, TRANSITION], ids=lambda each: each.kind)
async def test_a_term_that_is_none_is_invalid_input(
    gateway: Journey, examples: Examples, family: FamilyOrder
) -> None:
    order = {**await family.find(gateway.client, examples, None), "termDuration": ""}
    placed = await family.place(gateway.client, order)
    (error,) = placed["userErrors"]
    assert error["code"] == "INVALID_INPUT"
    assert "termDuration must be a term" in error["message"]


@pytest.mark.parametrize(
    ("status", "remedy"),
    [("suspended", "Reactivate it in Partner Center"), ("deleted", "cannot be renewed")],
)
async def test_an_inactive_subscription_is_refused_with_the_remedy_that_there_is(
    gateway: Journey, examples: Examples, status: str, remedy: str
) -> None:
    source_id = examples.renewable_subscription_id
    await patch(gateway, source_id, status=status)
    gateway.take_call_counts()
    error = await refusal(gateway, order_for(examples, source_id, quantity=2))
    assert error["code"] == "NOT_ELIGIBLE"
    assert remedy in error["message"]


async def test_a_term_is_read_in_any_letter_case(gateway: Journey, examples: Examples) -> None:
    source_id = examples.renewable_subscription_id
    placed = await SCHEDULE.place(
        gateway.client, order_for(examples, source_id, termDuration="p3y", billingCycle="ANNUAL")
    )
    assert placed["operation"]["state"] == "DONE"
    change = (await shown(gateway, source_id))["scheduledChange"]
    assert change["product"]["termDuration"] == "P3Y"
