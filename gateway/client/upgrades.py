"""Previewing and ordering upgrades."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.client.connection import Connection
from gateway.client.operations import OPERATION

_PREVIEW: Final = """
query Preview($input: UpgradePreviewInput!) {
  upgradePreview(input: $input) {
    isEligible quantity minimumQuantity maximumQuantity sourceAfterwards previewToken expiresAt
    targetOffer { id name }
    upgradeErrors { code description }
    userErrors { code message }
    warnings { code message }
  }
}
"""
_UPGRADE: Final = (
    """
mutation Upgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) {
    operation { ...Operation }
    result { targetSubscriptionId licenseErrors { userObjectId email } }
    userErrors { code message }
  }
}
"""
    + OPERATION
)


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
    found: dict[str, Any] = gateway.ask(_PREVIEW, {"input": wish.input()})["upgradePreview"]
    return found


def upgrade(gateway: Connection, wish: Wish, key: str, wait_s: int) -> dict[str, Any]:
    """Order an upgrade and wait for its end. Raises ClientProblem."""
    ordered = wish.input(idempotencyKey=key, waitSeconds=wait_s)
    payload: dict[str, Any] = gateway.ask(_UPGRADE, {"input": ordered})["upgradeSubscription"]
    return payload
