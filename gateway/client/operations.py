"""Reads and settles operations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.client import documents
from gateway.client.gateway_client import GatewayClient

DONE_STATES: Final = frozenset({"DONE", "DONE_WITH_LICENSE_ERRORS"})
OPEN_STATES: Final = frozenset({"QUEUED", "RUNNING", "WAITING"})
NOT_DONE_STATES: Final = ("REFUSED", "FAILED", "IN_DOUBT", "CANCELLED")
# The columns of an exported table.
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


def escape_cell(text: str) -> str:
    """Prevent a spreadsheet from running text as a formula, such as an idempotency key."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def get_operation(gateway: GatewayClient, operation_id: str) -> Operation:
    """Read an operation. Raises ClientError, also for an unknown id."""
    found: Operation = gateway.execute(documents.OPERATION, {"id": operation_id})["operation"]
    return found


@dataclass(frozen=True, slots=True)
class OperationFilters:
    """Selects operations.

    Each member has the meaning of that argument of the field `operations`.
    """

    states: Sequence[str] = ()
    kinds: Sequence[str] = ()
    customer_id: str | None = None
    principal: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None

    def to_variables(self) -> dict[str, object]:
        return {
            "states": list(self.states) or None,
            "kinds": list(self.kinds) or None,
            "customerId": self.customer_id,
            "principal": self.principal,
            "createdFrom": self.created_from and self.created_from.isoformat(),
            "createdBefore": self.created_before and self.created_before.isoformat(),
        }

    def matches(self, found: Operation) -> bool:
        created_at = datetime.fromisoformat(found["createdAt"])
        customer_id = (self.customer_id or found["order"]["customerId"]).lower()
        return (
            found["state"] in (self.states or (found["state"],))
            and found["kind"] in (self.kinds or (found["kind"],))
            and found["order"]["customerId"].lower() == customer_id
            and found["principal"] == (self.principal or found["principal"])
            and (self.created_from or created_at) <= created_at
            and (self.created_before is None or created_at < self.created_before)
        )


def list_operations(
    gateway: GatewayClient, filters: OperationFilters, limit: int | None = None
) -> Iterator[Operation]:
    """Yield up to `limit` operations that the caller may see, newest first. Raises ClientError."""
    variables = {**filters.to_variables(), "after": None}
    count = 0
    while True:
        page = gateway.execute(documents.OPERATIONS, variables)["operations"]
        for found in page["nodes"]:
            if count == limit:
                return
            count += 1
            yield found
        if not page["pageInfo"]["hasNextPage"]:
            return
        variables = {**variables, "after": page["pageInfo"]["endCursor"]}


def settle_operation(
    gateway: GatewayClient, operation_id: str, outcome: str, note: str
) -> dict[str, Any]:
    """Record the outcome of an operation that is IN_DOUBT. Raises ClientError."""
    settled = {"operationId": operation_id, "outcome": outcome, "note": note}
    payload: dict[str, Any] = gateway.execute(documents.SETTLE, {"input": settled})[
        "settleOperation"
    ]
    return payload


def order_target(found: Operation) -> str:
    """Return the offer, catalog item or product family that an operation orders."""
    order = found["order"]
    targets = (order["targetOfferId"], order["toCatalogItemId"], order["productFamily"])
    return next(filter(None, targets), "")


def target_subscription_id(found: Operation) -> str:
    """Return the id of the subscription that has the licenses after the order; empty if unknown."""
    upgraded = (found["result"] or {}).get("targetSubscriptionId")
    transitioned = (found["transition"] or {}).get("toSubscriptionId")
    return upgraded or transitioned or ""


def failure_reason(found: Operation) -> tuple[str, str]:
    """Return an error code and message if an operation was not executed; both empty if unknown."""
    failure = found["failure"] or {"code": "", "message": found["waitingFor"] or ""}
    message = failure["message"]
    if found["state"] == "IN_DOUBT":
        message = f"{message} Settle it with 'upgrade-gateway operations settle {found['id']}'."
    return failure["code"], message


def format_line(found: Operation) -> str:
    order = found["order"]
    why = "" if found["state"] in DONE_STATES else ": ".join(filter(None, failure_reason(found)))
    columns = (
        *(found["createdAt"], found["state"], found["kind"], found["id"]),
        *(order["customerId"], order["subscriptionId"] or "-"),
        *(found["principal"], found["idempotencyKey"], " ".join(why.split())),
    )
    return "  ".join(columns).rstrip()


def to_row(found: Operation) -> dict[str, str]:
    """Convert an operation to a row of a table. Correlation ids are in the order of attempts."""
    failure, order = found["failure"] or {}, found["order"]
    flat = {
        **found,
        **order,
        "target": order_target(found),
        "targetSubscriptionId": target_subscription_id(found),
        "correlationIds": " ".join(each["correlationId"] for each in found["attempts"]),
        "failureCode": failure.get("code"),
        "failureMessage": failure.get("message"),
    }
    return {name: escape_cell(str(flat[name] or "")) for name in COLUMNS}
