"""Reading operations: one, or all, page by page."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gateway.client.connection import Connection

OPERATION: Final = """
fragment Operation on UpgradeOperation {
  id kind state principal idempotencyKey requestId createdAt updatedAt retryAt waitingFor
  settledBy settlementNote
  order {
    customerId subscriptionId quantity targetOfferId upgradeType productFamily
    toCatalogItemId transitionType toSubscriptionId termDuration billingCycle promotionId
  }
  result { targetSubscriptionId }
  failure { code message }
  attempts {
    number correlationId startedAt endedAt outcome upstreamStatus upstreamCode message
  }
}
"""
_ONE: Final = "query Operation($id: ID!) { operation(id: $id) { ...Operation } }" + OPERATION
_PAGE: Final = (
    """
query Operations($after: String, $states: [OperationState!], $customerId: ID) {
  operations(first: 100, after: $after, states: $states, customerId: $customerId) {
    nodes { ...Operation } pageInfo { hasNextPage endCursor }
  }
}
"""
    + OPERATION
)
# What a line of a table says of an operation, in this order.
COLUMNS: Final = (
    "id",
    "kind",
    "state",
    "principal",
    "idempotencyKey",
    "customerId",
    "subscriptionId",
    "target",
    "quantity",
    "targetSubscriptionId",
    "requestId",
    "correlationIds",
    "createdAt",
    "updatedAt",
    "failureCode",
    "failureMessage",
    "settledBy",
    "settlementNote",
)
Operation = dict[str, Any]


def operation(gateway: Connection, operation_id: str) -> Operation:
    """Read one. Raises ClientProblem, for an unknown one too."""
    found: Operation = gateway.ask(_ONE, {"id": operation_id})["operation"]
    return found


def operations(
    gateway: Connection, states: Sequence[str], customer_id: str | None, most: int | None = None
) -> Iterator[Operation]:
    """Read all that may be seen, newest first; at most so many. Raises ClientProblem."""
    variables = {"states": list(states) or None, "customerId": customer_id, "after": None}
    count = 0
    while True:
        page = gateway.ask(_PAGE, variables)["operations"]
        for found in page["nodes"]:
            if count == most:
                return
            count += 1
            yield found
        if not page["pageInfo"]["hasNextPage"]:
            return
        variables = {**variables, "after": page["pageInfo"]["endCursor"]}


def row(found: Operation) -> dict[str, str]:
    """Flatten an operation for a table; correlation ids in the order they were sent."""
    failure, order = found["failure"] or {}, found["order"]
    targets = (order["targetOfferId"], order["toCatalogItemId"], order["productFamily"])
    flat = {
        **found,
        **order,
        "target": next(filter(None, targets), None),
        "targetSubscriptionId": (found["result"] or {}).get("targetSubscriptionId"),
        "correlationIds": " ".join(each["correlationId"] for each in found["attempts"]),
        "failureCode": failure.get("code"),
        "failureMessage": failure.get("message"),
    }
    return {name: _safe(str(flat[name] or "")) for name in COLUMNS}


def _safe(text: str) -> str:
    """Keep a spreadsheet from running a text that somebody chose as an idempotency key."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
