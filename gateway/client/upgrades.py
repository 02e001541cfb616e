"""Previewing and ordering upgrades."""

from dataclasses import dataclass
from typing import Any

from gateway.client import documents
from gateway.client.connection import Connection


@dataclass(frozen=True, slots=True)
class Wish:
    """An upgrade to preview or to order."""

    customer_id: str
    subscription_id: str
    target_offer_id: str
    upgrade_type: str
    quantity: int | None

    def input(self, **others: object) -> dict[str, object]:
        """Return the arguments of the graph."""
        return {
            "customerId": self.customer_id,
            "subscriptionId": self.subscription_id,
            "targetOfferId": self.target_offer_id,
            "upgradeType": self.upgrade_type,
            "quantity": self.quantity,
            **others,
        }


def preview(gateway: Connection, wish: Wish) -> dict[str, Any]:
    """See what an upgrade would do. Raises ClientProblem."""
    answer = gateway.ask(documents.PREVIEW, {"input": wish.input()})
    found: dict[str, Any] = answer["upgradePreview"]
    return found


def upgrade(gateway: Connection, wish: Wish, key: str, wait_s: int) -> dict[str, Any]:
    """Order an upgrade and wait for its end. Raises ClientProblem."""
    ordered = wish.input(idempotencyKey=key, waitSeconds=wait_s)
    answer = gateway.ask(documents.UPGRADE, {"input": ordered})
    payload: dict[str, Any] = answer["upgradeSubscription"]
    return payload
