"""Orders to upgrade legacy license subscriptions."""

from dataclasses import dataclass
from typing import ClassVar, Self

from resolvers.orders.base import (
    Order,
    parse_quantity,
    parse_source,
    register_order_type,
    subscription_subject,
)
from schema import arguments
from schema.keys import SubscriptionKey
from schema.mutation_types import UpgradeSubscriptionInput
from schema.operation_kind import OperationKind
from schema.order_input import UpgradeOrderInput
from schema.upgrade import UpgradeType


@register_order_type
@dataclass(frozen=True, slots=True)
class UpgradeOrder(Order):
    """The upgrade of a legacy license subscription.

    Attributes:
        quantity: licenses to buy; None for the subscription's current quantity.
    """

    kind: ClassVar[str] = OperationKind.UPGRADE_SUBSCRIPTION.name
    input_type: ClassVar[type] = UpgradeSubscriptionInput

    source: SubscriptionKey
    target_offer_id: str
    upgrade_type: UpgradeType
    quantity: int | None = None

    @classmethod
    def parse(cls, input: UpgradeSubscriptionInput) -> Self:
        return cls(
            source=parse_source(input.customer_id, input.subscription_id),
            target_offer_id=arguments.parse_offer_id("targetOfferId", input.target_offer_id),
            upgrade_type=UpgradeType[input.upgrade_type.name],
            quantity=None if input.quantity is None else parse_quantity(input.quantity),
        )

    @classmethod
    def is_meant_by(cls, input: UpgradeOrderInput) -> bool:
        return input.target_offer_id is not None

    @property
    def customer_id(self) -> str:
        return self.source.customer_id

    @property
    def subject(self) -> str:
        return subscription_subject(self.source)

    @property
    def policy_type(self) -> str:
        return self.upgrade_type.name

    @property
    def seats(self) -> int | None:
        return self.quantity

    @property
    def source_id(self) -> str:
        return self.source.subscription_id.lower()

    @property
    def target(self) -> str:
        return self.target_offer_id.lower()
