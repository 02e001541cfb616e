"""GraphQL documents and inputs of batches."""

from typing import Any, Final

import httpx

from tests.support.upgrades import PossibleUpgrade, execute

BATCH_FIELDS: Final = """
fragment Standing on UpgradeBatch {
  id nodeId state idempotencyKey cancelledAt
  counts {
    total open queued running waiting done doneWithLicenseErrors refused failed inDoubt cancelled
  }
}
"""
SUBMIT_BATCH: Final = (
    """
mutation Batch($input: UpgradeSubscriptionsInput!) {
  upgradeSubscriptions(input: $input) {
    batch { ...Standing } userErrors { code message field }
  }
}
"""
    + BATCH_FIELDS
)
CANCEL: Final = (
    """
mutation Cancel($input: CancelBatchInput!) {
  cancelBatch(input: $input) { batch { ...Standing } userErrors { code message field } }
}
"""
    + BATCH_FIELDS
)
BATCH: Final = "query Batch($id: ID!) { batch(id: $id) { ...Standing } }" + BATCH_FIELDS
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


def line_input(upgrade: PossibleUpgrade, **others: object) -> dict[str, object]:
    members = upgrade.input("", **others)
    del members["idempotencyKey"]
    return members


def batch_input(key: str, upgrades: list[PossibleUpgrade], **others: object) -> dict[str, object]:
    return {
        "idempotencyKey": key,
        "lines": [line_input(upgrade) for upgrade in upgrades],
        "waitSeconds": 60,
        **others,
    }


async def submit_batch(client: httpx.AsyncClient, input: dict[str, object]) -> dict[str, Any]:
    """Submit a batch and return the payload."""
    payload: dict[str, Any] = (await execute(client, SUBMIT_BATCH, input=input))[
        "upgradeSubscriptions"
    ]
    return payload


async def read_all_lines(client: httpx.AsyncClient, batch_id: str) -> list[dict[str, Any]]:
    """Read every line, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        data = await execute(client, LINES, id=batch_id, after=after)
        page = data["batch"]["lines"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
