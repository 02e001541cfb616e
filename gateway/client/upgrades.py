"""Previews and submits upgrades."""

from dataclasses import dataclass
from typing import Any

from gateway.client import documents
from gateway.client.gateway_client import GatewayClient


@dataclass(frozen=True, slots=True)
class UpgradeArguments:
    customer_id: str
    subscription_id: str
    target_offer_id: str
    upgrade_type: str
    quantity: int | None

    def to_input(self, **others: object) -> dict[str, object]:
        """Return the GraphQL input, with other members."""
        return {
            "customerId": self.customer_id,
            "subscriptionId": self.subscription_id,
            "targetOfferId": self.target_offer_id,
            "upgradeType": self.upgrade_type,
            "quantity": self.quantity,
            **others,
        }


def preview_upgrade(gateway: GatewayClient, arguments: UpgradeArguments) -> dict[str, Any]:
    """Return what an upgrade would do. Raises ClientError."""
    answer = gateway.execute(documents.PREVIEW, {"input": arguments.to_input()})
    found: dict[str, Any] = answer["upgradePreview"]
    return found


def submit_upgrade(
    gateway: GatewayClient, arguments: UpgradeArguments, key: str, wait_s: int
) -> dict[str, Any]:
    """Submit an upgrade and wait for its outcome. Raises ClientError."""
    input_ = arguments.to_input(idempotencyKey=key, waitSeconds=wait_s)
    answer = gateway.execute(documents.UPGRADE, {"input": input_})
    payload: dict[str, Any] = answer["upgradeSubscription"]
    return payload
