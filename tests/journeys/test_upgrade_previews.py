"""Looking before buying: a preview writes nothing, and its token holds the mutation to it."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from tests.support.clock import FakeClock
from tests.support.journey import Journey, journey
from tests.support.upgrades import Wish, ask, possible_upgrades, upgraded

PREVIEW: Final = """
query Preview($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    isEligible quantity minimumQuantity maximumQuantity sourceAfterwards previewToken expiresAt
    targetOffer { id } upgradeErrors { code } userErrors { code message }
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
async def wish(gateway: Journey) -> Wish:
    examples = gateway.sandbox.world.examples
    wishes = await possible_upgrades(gateway.client, examples.customer_id)
    gateway.calls()
    return next(w for w in wishes if w.subscription_id == examples.upgradable_subscription_id)


async def previewed(gateway: Journey, wish: Wish, **others: object) -> dict[str, Any]:
    asked = {name: value for name, value in wish.input("").items() if name != "idempotencyKey"}
    data = await ask(gateway.client, PREVIEW, input={**asked, **others})
    preview: dict[str, Any] = data["upgradePreview"]
    return preview


async def test_a_preview_shows_what_would_happen_and_writes_nothing(
    gateway: Journey, wish: Wish
) -> None:
    preview = await previewed(gateway, wish)

    assert preview["isEligible"]
    assert preview["targetOffer"]["id"] == wish.target_offer_id
    assert preview["minimumQuantity"] <= preview["quantity"] <= preview["maximumQuantity"]
    assert preview["userErrors"] == preview["upgradeErrors"] == []
    assert [warning["code"] for warning in preview["warnings"]] == ["LICENSES_STAY"]
    assert preview["expiresAt"] == "2023-11-14T22:28:20Z"
    assert gateway.calls() == {"get_subscription": 1, "list_upgrades": 1, "list_subscriptions": 1}


async def test_what_is_not_possible_has_reasons_and_no_token(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    source = examples.subscription_with_add_ons_id
    document = (
        "query P($c: ID!, $s: ID!) { subscription(customerId: $c, id: $s)"
        " { upgrades { targetOffer { id } } } }"
    )
    paths = await ask(gateway.client, document, c=examples.customer_id, s=source)
    offer_id = paths["subscription"]["upgrades"][0]["targetOffer"]["id"]
    wish = Wish(examples.customer_id, source, offer_id)

    preview = await previewed(gateway, wish, upgradeType="UPGRADE_WITH_LICENSE_TRANSFER")

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
async def test_what_has_no_upgrade_says_so(
    gateway: Journey, customer: str, subscription: str, code: str
) -> None:
    examples = gateway.sandbox.world.examples
    wish = Wish(getattr(examples, customer), getattr(examples, subscription), examples.offer_id)
    preview = await previewed(gateway, wish)
    assert [error["code"] for error in preview["userErrors"]] == [code]


async def test_the_mutation_takes_its_preview(gateway: Journey, wish: Wish) -> None:
    token = (await previewed(gateway, wish))["previewToken"]
    payload = await upgraded(gateway.client, wish.input("key-1", previewToken=token))
    again = await upgraded(gateway.client, wish.input("key-1"))
    assert payload["operation"]["state"] == "DONE"
    assert again["operation"]["id"] == payload["operation"]["id"]


@pytest.mark.parametrize("change", ["quantity", "source"])
async def test_a_changed_fact_refuses_it(gateway: Journey, wish: Wish, change: str) -> None:
    token = (await previewed(gateway, wish))["previewToken"]
    others: dict[str, object] = {"previewToken": token}
    if change == "quantity":
        others["quantity"] = 1
    else:
        world = gateway.sandbox.world
        account, source = world.subscription(
            wish.customer_id, wish.subscription_id, gateway.sandbox.clock()
        )
        source.quantity += 1
        world.keep(account)

    payload = await upgraded(gateway.client, wish.input("key-1", **others))

    assert [error["code"] for error in payload["userErrors"]] == ["PREVIEW_CHANGED"]
    assert gateway.sandbox.calls.count("perform_upgrade") == 0


async def test_an_old_token_refuses_it_and_asks_for_a_new_key(
    gateway: Journey, wish: Wish, clock: FakeClock
) -> None:
    token = (await previewed(gateway, wish))["previewToken"]
    clock.now += 900

    payload = await upgraded(gateway.client, wish.input("key-1", previewToken=token))

    (error,) = payload["userErrors"]
    assert error["code"] == "PREVIEW_EXPIRED"
    assert error["field"] == ["input", "previewToken"]
    assert "new idempotency key" in error["message"]
    assert gateway.sandbox.calls.count("perform_upgrade") == 0
