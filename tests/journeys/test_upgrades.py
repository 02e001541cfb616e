"""Upgrades of subscriptions through the whole gateway, against the sandbox over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.support.journey import Journey, journey

UPGRADE: Final = """
mutation Upgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) {
    operation {
      id state idempotencyKey requestId retryAt waitingFor
      attempts { number correlationId outcome upstreamStatus upstreamCode endedAt }
      failure { code }
      sourceSubscription { status }
    }
    result {
      sourceSubscriptionId targetSubscriptionId
      targetSubscription { status quantity offerId }
      upgradeErrors { code rawCode }
      licenseErrors { userObjectId email errors { code } }
    }
    userErrors { code message field }
  }
}
"""
PATHS: Final = """
query Paths($id: ID!) {
  customer(id: $id) {
    subscriptions(first: 100) {
      nodes { id quantity commerce upgrades { isEligible upgradeType targetOffer { id } } }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """An upgrade that is possible."""

    customer_id: str
    subscription_id: str
    target_offer_id: str

    def input(self, key: str, **others: object) -> dict[str, object]:
        return {
            "idempotencyKey": key,
            "customerId": self.customer_id,
            "subscriptionId": self.subscription_id,
            "targetOfferId": self.target_offer_id,
            "upgradeType": "UPGRADE_ONLY",
            **others,
        }


async def possible_upgrades(gateway: Journey) -> list[Wish]:
    """Every upgrade that could be made now, one for each subscription."""
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    found = await gateway.data(PATHS, id=customer_id)
    gateway.calls()
    return [
        Wish(customer_id, node["id"], path["targetOffer"]["id"])
        for node in found["customer"]["subscriptions"]["nodes"]
        for path in [u for u in node["upgrades"] if u["isEligible"]][:1]
    ]


async def upgraded(gateway: Journey, input: dict[str, object]) -> dict[str, Any]:
    data = await gateway.data(UPGRADE, input=input)
    payload: dict[str, Any] = data["upgradeSubscription"]
    return payload


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with journey(settings={"operations": {"first_pause_s": 0.01}}) as started:
        yield started


@pytest.fixture
async def wish(gateway: Journey) -> Wish:
    return (await possible_upgrades(gateway))[0]


async def test_an_upgrade_is_performed_once_and_read_back(gateway: Journey, wish: Wish) -> None:
    payload = await upgraded(gateway, wish.input("key-1"))

    assert payload["userErrors"] == []
    operation = payload["operation"]
    assert operation["state"] == "DONE"
    assert [each["outcome"] for each in operation["attempts"]] == ["ACCEPTED"]
    assert operation["sourceSubscription"] == {"status": "SUSPENDED"}
    assert payload["result"]["targetSubscription"]["status"] == "ACTIVE"
    (sent,) = gateway.sandbox.calls.of("perform_upgrade")
    assert sent.request_id == operation["requestId"]
    assert sent.correlation_id == operation["attempts"][0]["correlationId"]


async def test_a_thousand_with_one_key_are_one_upgrade(gateway: Journey, wish: Wish) -> None:
    answers = await asyncio.gather(*(upgraded(gateway, wish.input("key-1")) for _ in range(1000)))

    assert gateway.calls()["perform_upgrade"] == 1
    assert answers[0]["operation"]["state"] == "DONE"
    assert all(answer == answers[0] for answer in answers)
    assert set(gateway.sandbox.world.upgrades_performed.values()) == {1}
