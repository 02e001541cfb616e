"""The same way for every family: preview, token, mutation, live progress, record."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from gateway.auth.api_keys import format_key, format_key_entry
from gateway.families.registry import FAMILIES
from tests.support.batch_documents import batch_input, read_all_lines, submit_batch
from tests.support.family_orders import (
    FAMILY_ORDERS,
    TRANSITION,
    UPGRADE,
    FamilyOrder,
    Members,
)
from tests.support.journey import Journey, journey, served_journey
from tests.support.sandbox_clock import SandboxClock
from tests.support.streaming_clients import event_payloads
from tests.support.upgrades import execute

PREVIEW: Final = """
query Preview($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    kind isEligible targetName quantity licensesLeft sourceAfterwards targetAfterwards
    previewToken expiresAt userErrors { code message field } warnings { code message }
    sourceSubscription { id } targetSubscription { id } productUpgrade { id }
  }
}
"""
WATCH: Final = """
subscription Watch($id: ID!) { operation(id: $id) { id kind state failure { code } } }
"""
RECORDED: Final = """
query Recorded($kinds: [OperationKindInput!]) {
  operations(kinds: $kinds) {
    nodes {
      id kind state idempotencyKey principal attempts { outcome }
      order { customerId subscriptionId quantity targetName }
    }
  }
}
"""
REMOVALS: Final = {"partner": {"scheduled_change_removal": "confirmed"}}
every_family = pytest.mark.parametrize("family", FAMILY_ORDERS, ids=lambda each: each.kind)


def test_there_is_an_order_of_each_family() -> None:
    kinds = {build.order_type.kind for build in FAMILIES}  # type: ignore[attr-defined]
    assert kinds == {each.kind for each in FAMILY_ORDERS}


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock()


@pytest.fixture
async def gateway(clock: SandboxClock) -> AsyncIterator[Journey]:
    async with served_journey(settings=REMOVALS, clock=clock) as started:
        clock.journey = started
        yield started


async def find_order(gateway: Journey, family: FamilyOrder) -> Members:
    members = await family.find(gateway.client, gateway.sandbox.world.examples, None)
    gateway.take_call_counts()
    return members


async def previewed(
    client: httpx.AsyncClient, members: Members, token: str | None = None
) -> dict[str, Any]:
    preview: dict[str, Any] = (await execute(client, PREVIEW, token, input=members))[
        "upgradePreview"
    ]
    return preview


@every_family
async def test_an_order_is_previewed_placed_watched_and_recorded(
    gateway: Journey, family: FamilyOrder
) -> None:
    members = await find_order(gateway, family)

    response = await gateway.execute(PREVIEW, input=members)
    preview, cost = response["data"]["upgradePreview"], response["extensions"]["cost"]
    assert (preview["kind"], preview["isEligible"]) == (family.kind, True)
    assert preview["userErrors"] == []
    assert None not in (preview["targetName"], preview["previewToken"], preview["expiresAt"])
    assert None not in (preview["sourceAfterwards"], preview["targetAfterwards"])
    assert gateway.take_call_counts() == dict.fromkeys(family.reads, 1)
    assert len(family.reads) == cost["actual"] <= cost["estimated"]

    order = {**members, "previewToken": preview["previewToken"]}
    placed = await family.place(gateway.client, {**order, "waitSeconds": 0})
    assert placed["userErrors"] == []
    assert placed["operation"]["kind"] == family.kind
    operation_id = placed["operation"]["id"]
    events = await event_payloads(gateway.client, WATCH, id=operation_id)
    seen = [event["data"]["operation"] for event in events]
    assert {(each["id"], each["kind"]) for each in seen} == {(operation_id, family.kind)}
    assert (seen[-1]["state"], seen[-1]["failure"]) == ("DONE", None)

    (recorded,) = (await gateway.data(RECORDED, kinds=[family.kind]))["operations"]["nodes"]
    assert recorded == {
        "id": operation_id,
        "kind": family.kind,
        "state": "DONE",
        "idempotencyKey": "key-1",
        "principal": "sandbox",
        "attempts": [{"outcome": "SUCCEEDED"}],
        "order": {
            "customerId": members["customerId"],
            "subscriptionId": members.get("subscriptionId"),
            "quantity": preview["quantity"],
            "targetName": preview["targetName"] if preview["sourceSubscription"] else None,
        },
    }
    again = await family.place(gateway.client, members)
    assert again["operation"]["id"] == operation_id
    assert gateway.take_call_counts()[family.sends] == 1


@every_family
async def test_a_changed_order_is_refused_with_its_token(
    gateway: Journey, family: FamilyOrder
) -> None:
    members = await find_order(gateway, family)
    token = (await previewed(gateway.client, members))["previewToken"]

    placed = await family.place(gateway.client, {**members, **family.others, "previewToken": token})

    (error,) = placed["userErrors"]
    assert (error["code"], error["retry"]) == ("PREVIEW_CHANGED", "NEW_KEY")
    assert placed["operation"]["attempts"] == []
    assert gateway.sandbox.calls.count(family.sends) == 0


@every_family
async def test_an_expired_token_is_refused(
    gateway: Journey, clock: SandboxClock, family: FamilyOrder
) -> None:
    members = await find_order(gateway, family)
    token = (await previewed(gateway.client, members))["previewToken"]
    clock.now += 900

    placed = await family.place(gateway.client, {**members, "previewToken": token})

    (error,) = placed["userErrors"]
    assert (error["code"], error["field"]) == ("PREVIEW_EXPIRED", ["input", "previewToken"])
    assert gateway.sandbox.calls.count(family.sends) == 0


@every_family
async def test_the_token_of_another_order_is_refused(gateway: Journey, family: FamilyOrder) -> None:
    members = await find_order(gateway, family)
    (*_, other) = (each for each in FAMILY_ORDERS if each is not family)
    other_members = await find_order(gateway, other)
    token = (await previewed(gateway.client, other_members))["previewToken"]

    placed = await family.place(gateway.client, {**members, "previewToken": token})

    assert [error["code"] for error in placed["userErrors"]] == ["PREVIEW_CHANGED"]
    assert gateway.sandbox.calls.count(family.sends) == 0


@every_family
async def test_the_token_of_another_principal_is_invalid(
    tmp_path: Path, family: FamilyOrder
) -> None:
    mine, hers = (format_key(name, name.encode() * 8) for name in ("mine", "hers"))
    file = tmp_path / "keys.toml"
    entries = (("mine", mine), ("hers", hers))
    file.write_text(
        "\n".join(format_key_entry(name, key, ["upgrades:write"], ["*"]) for name, key in entries)
    )
    clock = SandboxClock()
    settings = {"auth": {"mode": "keys", "keys_file": str(file)}, **REMOVALS}
    async with journey(settings=settings, clock=clock) as gateway:
        clock.journey = gateway
        members = await family.find(gateway.client, gateway.sandbox.world.examples, mine)
        token = (await previewed(gateway.client, members, mine))["previewToken"]
        order = {**members, "previewToken": token}
        refused = await family.place(gateway.client, order, hers)
        sent = gateway.sandbox.calls.count(family.sends)
        done = await family.place(gateway.client, order, mine)

    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_INPUT"]
    assert (refused["operation"], sent) == (None, 0)
    assert done["operation"]["state"] == "DONE"


async def test_a_batch_of_every_family_takes_the_tokens_of_its_lines(gateway: Journey) -> None:
    lines = []
    for family in FAMILY_ORDERS:
        members = await find_order(gateway, family)
        token = (await previewed(gateway.client, members))["previewToken"]
        lines.append({**members, "previewToken": token})
    stale = {**lines[0], **TRANSITION.others, "previewToken": lines[1]["previewToken"]}

    refused = (await submit_batch(gateway.client, batch_input("stale", [], lines=[stale])))["batch"]
    done = (await submit_batch(gateway.client, batch_input("done", [], lines=lines)))["batch"]

    assert (done["state"], done["counts"]["done"]) == ("COMPLETED", len(FAMILY_ORDERS))
    (line,) = await read_all_lines(gateway.client, refused["id"])
    assert line["operation"]["failure"]["code"] == "PREVIEW_CHANGED"
    # Both orders of scheduled changes update a subscription.
    for operation, count in Counter(each.sends for each in FAMILY_ORDERS).items():
        assert gateway.sandbox.calls.count(operation) == count


@pytest.mark.parametrize(
    ("customer", "existing", "is_eligible", "code"),
    [
        ("running_product_upgrade_customer_id", "running_product_upgrade_id", False, None),
        ("completed_product_upgrade_customer_id", "completed_product_upgrade_id", False, None),
        ("failed_product_upgrade_customer_id", None, True, None),
        ("without_azure_customer_id", None, False, "NOT_ELIGIBLE"),
    ],
)
async def test_a_preview_shows_the_product_upgrade_that_exists(
    gateway: Journey, customer: str, existing: str | None, is_eligible: bool, code: str | None
) -> None:
    examples = gateway.sandbox.world.examples
    preview = await previewed(gateway.client, {"customerId": getattr(examples, customer)})

    shown = preview["productUpgrade"] and preview["productUpgrade"]["id"]
    assert shown == (existing and getattr(examples, existing))
    assert preview["isEligible"] is is_eligible
    assert [error["code"] for error in preview["userErrors"]] == ([code] if code else [])
    assert (preview["previewToken"] is None) is (code is not None)
    warned = [] if code else ["UPGRADE_EXISTS"]
    assert [warning["code"] for warning in preview["warnings"]] == warned


@pytest.mark.parametrize(
    ("customer", "subscription", "wanted", "remedy"),
    [
        (
            "transition_customer_id",
            "new_commerce_subscription_id",
            UPGRADE,
            "`transitionSubscription`, with `toCatalogItemId`, `quantity` and `transitionType`,",
        ),
        (
            "azure_customer_id",
            "azure_subscription_id",
            UPGRADE,
            "`requestProductUpgrade`, with `customerId` alone,",
        ),
        (
            "azure_customer_id",
            "azure_subscription_id",
            TRANSITION,
            "`requestProductUpgrade`, with `customerId` alone,",
        ),
    ],
)
async def test_a_subscription_of_another_family_is_refused_with_the_right_mutation_and_members(
    gateway: Journey, customer: str, subscription: str, wanted: FamilyOrder, remedy: str
) -> None:
    examples = gateway.sandbox.world.examples
    source = {
        "customerId": getattr(examples, customer),
        "subscriptionId": getattr(examples, subscription),
    }
    members = {**await find_order(gateway, wanted), **source}

    preview = await previewed(gateway.client, members)
    placed = await wanted.place(gateway.client, members)

    for error in (*preview["userErrors"], *placed["userErrors"]):
        assert error["code"] == "WRONG_FAMILY"
        assert f"Use {remedy} to upgrade it." in error["message"]
    assert len(preview["userErrors"]) == len(placed["userErrors"]) == 1
    assert preview["sourceSubscription"]["id"] == source["subscriptionId"]
    assert gateway.sandbox.calls.count(wanted.sends) == 0


@pytest.mark.parametrize("family", [UPGRADE, TRANSITION], ids=lambda each: each.kind)
async def test_a_change_of_the_source_since_the_preview_refuses_the_order(
    gateway: Journey, family: FamilyOrder
) -> None:
    members = await find_order(gateway, family)
    token = (await previewed(gateway.client, members))["previewToken"]
    world = gateway.sandbox.world
    account, source = world.get_subscription(
        str(members["customerId"]), str(members["subscriptionId"]), gateway.sandbox.clock()
    )
    source.quantity += 1
    world.save(account)

    placed = await family.place(gateway.client, {**members, "previewToken": token})

    assert [error["code"] for error in placed["userErrors"]] == ["PREVIEW_CHANGED"]
    assert gateway.sandbox.calls.count(family.sends) == 0
