"""What can be ordered: the payloads of operations, checked and ready to be recorded."""

from dataclasses import dataclass

from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.operation import OperationKind
from schema.upgrade import UpgradeType


@dataclass(frozen=True, slots=True)
class UpgradeOrder:
    """Upgrade a legacy license subscription.

    Attributes:
        quantity: licenses to buy; None for as many as the source has.
    """

    source: SubscriptionKey
    target_offer_id: str
    upgrade_type: UpgradeType
    quantity: int | None = None

    @property
    def kind(self) -> OperationKind:
        """The kind of its operation."""
        return OperationKind.UPGRADE_SUBSCRIPTION

    @property
    def customer_id(self) -> str:
        """Whose subscription it is."""
        return self.source.customer_id


@dataclass(frozen=True, slots=True)
class ProductUpgradeOrder:
    """Upgrade a customer's products of one family."""

    product: ProductUpgradeKey

    @property
    def kind(self) -> OperationKind:
        """The kind of its operation."""
        return OperationKind.REQUEST_PRODUCT_UPGRADE

    @property
    def customer_id(self) -> str:
        """Whose products they are."""
        return self.product.customer_id


Order = UpgradeOrder | ProductUpgradeOrder
