"""Orders to transition subscriptions to other catalog items."""

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
from schema.mutation_types import TransitionSubscriptionInput
from schema.operation_kind import OperationKind
from schema.order_input import UpgradeOrderInput
from schema.transition import TransitionType


@register_order_type
@dataclass(frozen=True, slots=True)
class TransitionOrder(Order):
    """The transition of a subscription to another catalog item. Source: CONTRACT 4.18.

    Attributes:
        billing_cycle: the cycle in Partner Center's spelling, such as `one_time`.
    """

    kind: ClassVar[str] = OperationKind.TRANSITION_SUBSCRIPTION.name
    input_type: ClassVar[type] = TransitionSubscriptionInput

    source: SubscriptionKey
    to_catalog_item_id: str
    quantity: int
    transition_type: TransitionType
    to_subscription_id: str | None = None
    term_duration: str | None = None
    billing_cycle: str | None = None
    promotion_id: str | None = None

    @classmethod
    def parse(cls, input: TransitionSubscriptionInput) -> Self:
        receiver, term = input.to_subscription_id, input.term_duration
        cycle = input.billing_cycle
        return cls(
            source=parse_source(input.customer_id, input.subscription_id),
            to_catalog_item_id=arguments.parse_catalog_item_id(
                "toCatalogItemId", input.to_catalog_item_id
            ),
            quantity=parse_quantity(input.quantity),
            transition_type=TransitionType[input.transition_type.name],
            to_subscription_id=(
                None if receiver is None else arguments.parse_guid("toSubscriptionId", receiver)
            ),
            term_duration=(
                None if term is None else arguments.parse_term_duration("termDuration", term)
            ),
            billing_cycle=None if cycle is None else cycle.name.lower(),
            promotion_id=input.promotion_id,
        )

    @classmethod
    def is_meant_by(cls, input: UpgradeOrderInput) -> bool:
        return input.to_catalog_item_id is not None

    @property
    def customer_id(self) -> str:
        return self.source.customer_id

    @property
    def subject(self) -> str:
        return subscription_subject(self.source)

    @property
    def policy_type(self) -> str:
        return self.transition_type.name

    @property
    def seats(self) -> int:
        return self.quantity

    @property
    def source_id(self) -> str:
        return self.source.subscription_id.lower()

    @property
    def target(self) -> str | None:
        # An existing subscription that receives the licenses is not created.
        return self.to_catalog_item_id.lower() if self.to_subscription_id is None else None

    @property
    def moves_licenses(self) -> bool:
        """Whether the users' licenses are moved too."""
        return self.transition_type is TransitionType.TRANSITION_WITH_LICENSE_TRANSFER
