"""Previews write nothing, and their tokens bind the mutation to what they showed."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.auth.api_keys import format_key, format_key_entry
from tests.support.batch_documents import batch_input, line_input, submit_batch
from tests.support.clock import FakeClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import PossibleUpgrade, execute, find_possible_upgrades, request_upgrade

PREVIEW: Final = """
query Preview($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    isEligible quantity minimumQuantity maximumQuantity sourceAfterwards previewToken expiresAt
    targetOffer { id } upgradeErrors { code } userErrors { code message field retry }
    warnings { code message } sourceSubscription { status }
  }
}
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def gateway(clock: FakeClock) -> AsyncIterator[Journey]:
    async with journey(clock=clock) as started:
        yield started


@pytest.fixture
async def upgrade(gateway: Journey) -> PossibleUpgrade:
    examples = gateway.sandbox.world.examples
    upgrades = await find_possible_upgrades(gateway.client, examples.customer_id)
    gateway.take_call_counts()
    return next(w for w in upgrades if w.subscription_id == examples.upgradable_subscription_id)


async def previewed(gateway: Journey, upgrade: PossibleUpgrade, **others: object) -> dict[str, Any]:
    order = {name: value for name, value in upgrade.input("").items() if name != "idempotencyKey"}
    data = await execute(gateway.client, PREVIEW, input={**order, **others})
    preview: dict[str, Any] = data["upgradePreview"]
    return preview


async def test_a_preview_shows_what_would_happen_and_writes_nothing(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    preview = await previewed(gateway, upgrade)

    assert preview["isEligible"]
    assert preview["targetOffer"]["id"] == upgrade.target_offer_id
    assert preview["minimumQuantity"] <= preview["quantity"] <= preview["maximumQuantity"]
    assert preview["userErrors"] == preview["upgradeErrors"] == []
    assert [warning["code"] for warning in preview["warnings"]] == ["LICENSES_STAY"]
    assert preview["expiresAt"] == "2023-11-14T22:28:20Z"
    assert gateway.take_call_counts() == {"list_subscriptions": 1, "list_upgrades": 1}


async def test_an_impossible_upgrade_has_reasons_and_no_token(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    source = examples.subscription_with_add_ons_id
    document = (
        "query P($c: ID!, $s: ID!) { subscription(customerId: $c, id: $s)"
        " { upgrades { targetOffer { id } } } }"
    )
    paths = await execute(gateway.client, document, c=examples.customer_id, s=source)
    offer_id = paths["subscription"]["upgrades"][0]["targetOffer"]["id"]
    upgrade = PossibleUpgrade(examples.customer_id, source, offer_id)

    preview = await previewed(gateway, upgrade, upgradeType="UPGRADE_WITH_LICENSE_TRANSFER")

    assert not preview["isEligible"]
    assert preview["previewToken"] is None
    assert "SUBSCRIPTION_ADD_ONS_PRESENT" in [e["code"] for e in preview["upgradeErrors"]]
    assert [error["code"] for error in preview["userErrors"]] == ["NOT_ELIGIBLE"]
    warned = {warning["code"] for warning in preview["warnings"]}
    assert warned == {"ADD_ONS_PRESENT", "USER_CONTEXT_NEEDED"}


@pytest.mark.parametrize(
    ("customer", "subscription", "code"),
    [
        ("transition_customer_id", "new_commerce_subscription_id", "WRONG_FAMILY"),
        ("customer_id", "pathless_subscription_id", "NOT_ELIGIBLE"),
    ],
)
async def test_a_subscription_without_upgrades_has_a_user_error(
    gateway: Journey, customer: str, subscription: str, code: str
) -> None:
    examples = gateway.sandbox.world.examples
    upgrade = PossibleUpgrade(
        getattr(examples, customer), getattr(examples, subscription), examples.offer_id
    )
    preview = await previewed(gateway, upgrade)
    assert [error["code"] for error in preview["userErrors"]] == [code]


async def test_the_mutation_accepts_its_preview_token(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    token = (await previewed(gateway, upgrade))["previewToken"]
    payload = await request_upgrade(gateway.client, upgrade.input("key-1", previewToken=token))
    again = await request_upgrade(gateway.client, upgrade.input("key-1"))
    assert payload["operation"]["state"] == "DONE"
    assert again["operation"]["id"] == payload["operation"]["id"]


@pytest.mark.parametrize("change", ["quantity", "source"])
async def test_a_change_since_the_preview_refuses_the_order(
    gateway: Journey, upgrade: PossibleUpgrade, change: str
) -> None:
    token = (await previewed(gateway, upgrade))["previewToken"]
    others: dict[str, object] = {"previewToken": token}
    if change == "quantity":
        others["quantity"] = 1
    else:
        world = gateway.sandbox.world
        account, source = world.get_subscription(
            upgrade.customer_id, upgrade.subscription_id, gateway.sandbox.clock()
        )
        source.quantity += 1
        world.save(account)

    payload = await request_upgrade(gateway.client, upgrade.input("key-1", **others))

    assert [error["code"] for error in payload["userErrors"]] == ["PREVIEW_CHANGED"]
    assert gateway.sandbox.calls.count("perform_upgrade") == 0


async def test_an_expired_token_refuses_the_order_and_needs_a_new_key(
    gateway: Journey, upgrade: PossibleUpgrade, clock: FakeClock
) -> None:
    token = (await previewed(gateway, upgrade))["previewToken"]
    clock.now += 900

    payload = await request_upgrade(gateway.client, upgrade.input("key-1", previewToken=token))

    (error,) = payload["userErrors"]
    assert error["code"] == "PREVIEW_EXPIRED"
    assert error["field"] == ["input", "previewToken"]
    assert "new idempotency key" in error["message"]
    assert gateway.sandbox.calls.count("perform_upgrade") == 0


OPERATIONS: Final = "{ operations { nodes { id } } }"


def a_year_later(token: str) -> str:
    """Change a token's expiry without changing its signature."""
    content, _, signature = token.partition(".")
    ends_at, facts = json.loads(base64.urlsafe_b64decode(content + "=="))
    moved = json.dumps([ends_at + 31_536_000, facts], separators=(",", ":")).encode()
    return f"{base64.urlsafe_b64encode(moved).decode().rstrip('=')}.{signature}"


def unsigned(token: str) -> str:
    return token.partition(".")[0]


@pytest.mark.parametrize("forge", [a_year_later, unsigned, str.swapcase, lambda token: token[:-1]])
async def test_a_forged_token_is_invalid_input_and_records_nothing(
    gateway: Journey, upgrade: PossibleUpgrade, clock: FakeClock, forge: Any
) -> None:
    token = forge((await previewed(gateway, upgrade))["previewToken"])
    clock.now += 900

    single = await request_upgrade(gateway.client, upgrade.input("key-1", previewToken=token))
    lines = [line_input(upgrade, previewToken=token)]
    batch = await submit_batch(gateway.client, batch_input("key-2", [], lines=lines))

    assert (single["operation"], batch["batch"]) == (None, None)
    for payload, path in ((single, []), (batch, ["lines", "0"])):
        (error,) = payload["userErrors"]
        assert error["code"] == "INVALID_INPUT"
        assert error["field"] == ["input", *path, "previewToken"]
        assert "Make a new preview" in error["message"]
    assert (await gateway.data(OPERATIONS))["operations"]["nodes"] == []
    assert gateway.sandbox.calls.count("perform_upgrade") == 0


async def test_a_line_of_a_batch_accepts_its_preview_token(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    lines = [line_input(upgrade, previewToken=(await previewed(gateway, upgrade))["previewToken"])]
    batch = (await submit_batch(gateway.client, batch_input("key-1", [], lines=lines)))["batch"]
    assert batch["counts"]["done"] == 1


async def test_a_token_is_valid_for_its_principal_only(tmp_path: Path) -> None:
    mine, theirs = (format_key(name, name.encode() * 8) for name in ("mine", "hers"))
    file = tmp_path / "keys.toml"
    keys = (("mine", mine), ("hers", theirs))
    file.write_text(
        "\n".join(format_key_entry(name, key, ["upgrades:write"], ["*"]) for name, key in keys)
    )
    settings = {"auth": {"mode": "keys", "keys_file": str(file)}}
    async with journey(settings=settings) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrade = (await find_possible_upgrades(gateway.client, customer_id, mine))[0]
        order = {name: v for name, v in upgrade.input("").items() if name != "idempotencyKey"}
        token = (await execute(gateway.client, PREVIEW, mine, input=order))["upgradePreview"][
            "previewToken"
        ]
        order = upgrade.input("key-1", previewToken=token)
        refused = await request_upgrade(gateway.client, order, theirs)
        done = await request_upgrade(gateway.client, order, mine)
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID_INPUT"]
    assert done["operation"]["state"] == "DONE"


async def test_another_gateways_token_is_refused() -> None:
    async with journey() as other:
        customer_id = other.sandbox.world.examples.legacy_customer_id
        upgrade = (await find_possible_upgrades(other.client, customer_id))[0]
        token = (await previewed(other, upgrade))["previewToken"]
    async with journey() as gateway:
        payload = await request_upgrade(gateway.client, upgrade.input("key-1", previewToken=token))
    assert payload["operation"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["INVALID_INPUT"]


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"customerId": "x"}, "customerId"),
        ({"subscriptionId": "x"}, "subscriptionId"),
        ({"targetOfferId": "a b"}, "targetOfferId"),
        ({"quantity": 0}, "quantity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_argument_has_the_same_error_as_in_the_mutation(
    gateway: Journey, upgrade: PossibleUpgrade, changes: dict[str, object], argument: str
) -> None:
    preview = await previewed(gateway, upgrade, **changes)
    payload = await request_upgrade(gateway.client, {**upgrade.input("key-1"), **changes})

    assert preview["userErrors"] == payload["userErrors"]
    (error,) = preview["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["input", argument])
    assert not preview["isEligible"]
    assert preview["previewToken"] is None
    assert gateway.take_call_counts() == {}


async def test_an_unknown_subscription_has_the_same_error_as_in_the_mutation(
    gateway: Journey, upgrade: PossibleUpgrade
) -> None:
    unknown = {"subscriptionId": "00000000-0000-4000-8000-000000000000"}
    preview = await previewed(gateway, upgrade, **unknown)
    payload = await request_upgrade(gateway.client, {**upgrade.input("key-1"), **unknown})

    for each in (preview, payload):
        assert [error["code"] for error in each["userErrors"]] == ["NOT_FOUND"]


async def test_without_a_store_a_preview_shows_everything_but_a_token(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = {"database_url": f"sqlite:///{tmp_path}/file/operations.db"}
    async with journey(settings=settings) as gateway:
        customer_id = gateway.sandbox.world.examples.legacy_customer_id
        upgrade = (await find_possible_upgrades(gateway.client, customer_id))[0]
        preview = await previewed(gateway, upgrade)
        payload = await request_upgrade(
            gateway.client, upgrade.input("key-1", previewToken="abc.def")
        )
    assert preview["isEligible"]
    assert preview["quantity"]
    assert (preview["previewToken"], preview["expiresAt"]) == (None, None)
    for refused in (preview, payload):
        (error,) = refused["userErrors"]
        assert error["code"] == "STORE_UNAVAILABLE"
        assert str(tmp_path) not in error["message"]
