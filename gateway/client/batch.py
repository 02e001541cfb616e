"""Ordering batches of upgrades."""

from typing import Any, Final

from gateway.client.connection import Connection

_SUBMIT: Final = """
mutation Submit($input: UpgradeSubscriptionsInput!) {
  upgradeSubscriptions(input: $input) { batch { id } userErrors { code message } }
}
"""


def submit(gateway: Connection, lines: list[dict[str, object]], key: str) -> dict[str, Any]:
    """Order all lines as one batch, without waiting. Raises ClientProblem."""
    ordered = {"idempotencyKey": key, "lines": lines, "waitSeconds": 0}
    payload: dict[str, Any] = gateway.ask(_SUBMIT, {"input": ordered})["upgradeSubscriptions"]
    return payload
