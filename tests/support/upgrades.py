"""GraphQL documents and inputs of upgrades."""

from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.support.journey import Journey
from tests.support.waiting import eventually

UPGRADE: Final = """
mutation Upgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) {
    operation {
      id state idempotencyKey requestId evidence retryAt waitingFor
      attempts { number correlationId outcome upstreamStatus upstreamCode endedAt }
      failure { code message }
      sourceSubscription { status }
    }
    result {
      sourceSubscriptionId targetSubscriptionId
      targetSubscription { status quantity offerId }
      upgradeErrors { code rawCode }
      licenseErrors { userObjectId email errors { code } }
    }
    userErrors { code message field retry }
  }
}
"""
SHORT: Final = """
mutation Upgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) { operation { state } userErrors { code } }
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
STATE: Final = """
query State($key: String!) {
  operationByKey(idempotencyKey: $key) { state retryAt waitingFor attempts { outcome } }
}
"""


@dataclass(frozen=True, slots=True)
class PossibleUpgrade:
    """An upgrade that the vendor allows."""

    customer_id: str
    subscription_id: str
    target_offer_id: str

    def input(self, key: str, **others: object) -> dict[str, object]:
        """The mutation's argument."""
        return {
            "idempotencyKey": key,
            "customerId": self.customer_id,
            "subscriptionId": self.subscription_id,
            "targetOfferId": self.target_offer_id,
            "upgradeType": "UPGRADE_ONLY",
            **others,
        }


async def execute(
    client: httpx.AsyncClient, document: str, token: str | None = None, **variables: object
) -> Any:
    """Send a document that must succeed and return its data."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = await client.post(
        "/graphql", json={"query": document, "variables": variables}, headers=headers
    )
    content = response.json()
    assert "errors" not in content, content["errors"]
    return content["data"]


async def find_possible_upgrades(
    client: httpx.AsyncClient, customer_id: str, token: str | None = None
) -> list[PossibleUpgrade]:
    """Return one possible upgrade of each subscription of a customer."""
    found = await execute(client, PATHS, token, id=customer_id)
    return [
        PossibleUpgrade(customer_id, node["id"], path["targetOffer"]["id"])
        for node in found["customer"]["subscriptions"]["nodes"]
        for path in [u for u in node["upgrades"] if u["isEligible"]][:1]
    ]


async def request_upgrade(
    client: httpx.AsyncClient,
    input: dict[str, object],
    token: str | None = None,
    *,
    short: bool = False,
) -> dict[str, Any]:
    """Submit an upgrade and return the payload.

    Waits 60 s, the maximum, unless the input has another `waitSeconds`.
    """
    waiting = {"waitSeconds": 60, **input}
    data = await execute(client, SHORT if short else UPGRADE, token, input=waiting)
    payload: dict[str, Any] = data["upgradeSubscription"]
    return payload


async def find_first_upgrade(gateway: Journey) -> PossibleUpgrade:
    """Return a possible upgrade, and reset the counts of calls."""
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    upgrades = await find_possible_upgrades(gateway.client, customer_id)
    gateway.take_call_counts()
    return upgrades[0]


def list_attempt_outcomes(payload: dict[str, Any]) -> list[str]:
    return [attempt["outcome"] for attempt in payload["operation"]["attempts"]]


def count_upgrades(gateway: Journey) -> list[int]:
    """Return how often each upgraded subscription was upgraded."""
    return list(gateway.sandbox.world.upgrades_performed.values())


async def wait_for_state(gateway: Journey, key: str, state: str) -> dict[str, Any]:

    async def read() -> Any:
        return (await gateway.data(STATE, key=key))["operationByKey"]

    def is_so(found: Any) -> bool:
        return found is not None and found["state"] == state

    found: dict[str, Any] = await eventually(read, is_so)
    return found
