"""Batches to ask for, and how to ask for them over any HTTP client."""

from typing import Any, Final

import httpx

from tests.support.upgrades import Wish, ask

STANDING: Final = """
fragment Standing on UpgradeBatch {
  id nodeId state idempotencyKey cancelledAt
  counts {
    total open queued running waiting done doneWithLicenseErrors refused failed inDoubt cancelled
  }
}
"""
UPGRADES: Final = (
    """
mutation Batch($input: UpgradeSubscriptionsInput!) {
  upgradeSubscriptions(input: $input) {
    batch { ...Standing } userErrors { code message field }
  }
}
"""
    + STANDING
)
CANCEL: Final = (
    """
mutation Cancel($input: CancelBatchInput!) {
  cancelBatch(input: $input) { batch { ...Standing } userErrors { code message field } }
}
"""
    + STANDING
)
BATCH: Final = "query Batch($id: ID!) { batch(id: $id) { ...Standing } }" + STANDING
LINES: Final = """
query Lines($id: ID!, $first: Int = 100, $after: String, $states: [OperationStateInput!]) {
  batch(id: $id) {
    lines(first: $first, after: $after, states: $states) {
      nodes {
        number
        operation {
          id state idempotencyKey requestId retryAt
          attempts { outcome } failure { code message } result { targetSubscriptionId }
          customer { id } sourceSubscription { id status }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


def line(wish: Wish, **others: object) -> dict[str, object]:
    """A wish as a line of a batch."""
    members = wish.input("", **others)
    del members["idempotencyKey"]
    return members


def batch_input(key: str, wishes: list[Wish], **others: object) -> dict[str, object]:
    """The mutation's argument."""
    return {
        "idempotencyKey": key,
        "lines": [line(wish) for wish in wishes],
        "waitSeconds": 60,
        **others,
    }


async def ordered(client: httpx.AsyncClient, input: dict[str, object]) -> dict[str, Any]:
    """Ask for a batch and return the payload."""
    payload: dict[str, Any] = (await ask(client, UPGRADES, input=input))["upgradeSubscriptions"]
    return payload


async def all_lines(client: httpx.AsyncClient, batch_id: str) -> list[dict[str, Any]]:
    """Read every line, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        data = await ask(client, LINES, id=batch_id, after=after)
        page = data["batch"]["lines"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
