"""Previewing and ordering upgrades."""

from dataclasses import dataclass
from typing import Any

from gateway.client import documents
from gateway.client.gateway_client import GatewayClient


@dataclass(frozen=True, slots=True)
class UpgradeArguments:
    """An upgrade to preview or to order."""

    customer_id: str
    subscription_id: str
    target_offer_id: str
    upgrade_type: str
    quantity: int | None

    def to_input(self, **others: object) -> dict[str, object]:
        """Return the arguments of the graph."""
        return {
            "customerId": self.customer_id,
            "subscriptionId": self.subscription_id,
            "targetOfferId": self.target_offer_id,
            "upgradeType": self.upgrade_type,
            "quantity": self.quantity,
            **others,
        }


def preview_upgrade(gateway: GatewayClient, wish: UpgradeArguments) -> dict[str, Any]:
    """See what an upgrade would do. Raises ClientProblem."""
    answer = gateway.execute(documents.PREVIEW, {"input": wish.to_input()})
    found: dict[str, Any] = answer["upgradePreview"]
    return found


def submit_upgrade(
    gateway: GatewayClient, wish: UpgradeArguments, key: str, wait_s: int
) -> dict[str, Any]:
    """Order an upgrade and wait for its end. Raises ClientProblem."""
    ordered = wish.to_input(idempotencyKey=key, waitSeconds=wait_s)
    answer = gateway.execute(documents.UPGRADE, {"input": ordered})
    payload: dict[str, Any] = answer["upgradeSubscription"]
    return payload
