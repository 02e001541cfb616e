"""Orders: the validated inputs of operations."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

import msgspec

from schema import arguments
from schema.batch import UpgradeLineInput
from schema.errors import InvalidInput
from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.mutation_types import (
    RequestProductUpgradeInput,
    TransitionSubscriptionInput,
    UpgradeSubscriptionInput,
)
from schema.operation import OperationKind
from schema.preview import UpgradePreviewInput
from schema.transition import TransitionType
from schema.upgrade import UpgradeType


class Order(ABC):
    """The facts that operations use of an order, whatever its family.

    Attributes:
        kind: the name of its `OperationKind`; stored in records.
    """

    __slots__ = ()

    kind: ClassVar[str]

    @property
    @abstractmethod
    def customer_id(self) -> str: ...

    @property
    @abstractmethod
    def subject(self) -> str:
        """The resource that the order changes; stored. One operation holds a subject at a time."""

    @property
    @abstractmethod
    def policy_type(self) -> str:
        """The name by which a purchase policy allows orders of this type."""

    @property
    @abstractmethod
    def seats(self) -> int | None:
        """The seats to buy; None for as many as the source subscription has."""

    @property
    def source_id(self) -> str | None:
        """The id of the subscription that it changes, in lower case, if it is one subscription."""
        return None

    @property
    def target(self) -> str | None:
        """The offer of the subscription that it creates, in lower case, if it creates one."""
        return None


AnyOrder = TypeVar("AnyOrder", bound=Order)

_ORDER_TYPES: Final[dict[str, type[Order]]] = {}


def register_order_type(order_type: type[AnyOrder]) -> type[AnyOrder]:
    """Let records of this type's kind be decoded. A class decorator for dataclasses."""
    _ORDER_TYPES[order_type.kind] = order_type
    return order_type


def decode_order(kind: str, payload: dict[str, Any]) -> Order:
    """Decode a recorded order. Raises LookupError if no type is registered for its kind."""
    return msgspec.convert(payload, _ORDER_TYPES[kind])


def subscription_subject(key: SubscriptionKey) -> str:
    """Return the subject of orders that change a subscription."""
    return ":".join(("subscription", *key.normalized))


@register_order_type
@dataclass(frozen=True, slots=True)
class UpgradeOrder(Order):
    """The upgrade of a legacy license subscription.

    Attributes:
        quantity: licenses to buy; None for the subscription's current quantity.
        preview: the content of a verified preview token; not part of the order's identity.
    """

    kind: ClassVar[str] = OperationKind.UPGRADE_SUBSCRIPTION.name

    source: SubscriptionKey
    target_offer_id: str
    upgrade_type: UpgradeType
    quantity: int | None = None
    preview: str | None = None

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


@register_order_type
@dataclass(frozen=True, slots=True)
class ProductUpgradeOrder(Order):
    """The upgrade of a customer's products of one family."""

    kind: ClassVar[str] = OperationKind.REQUEST_PRODUCT_UPGRADE.name

    product: ProductUpgradeKey

    @property
    def customer_id(self) -> str:
        return self.product.customer_id

    @property
    def subject(self) -> str:
        return ":".join(("product", *self.product.normalized))

    @property
    def policy_type(self) -> str:
        return "PRODUCT_UPGRADE"

    @property
    def seats(self) -> int:
        return 0


@register_order_type
@dataclass(frozen=True, slots=True)
class TransitionOrder(Order):
    """The transition of a subscription to another catalog item. Source: CONTRACT 4.18.

    Attributes:
        billing_cycle: in Partner Center's spelling, such as `one_time`.
    """

    kind: ClassVar[str] = OperationKind.TRANSITION_SUBSCRIPTION.name

    source: SubscriptionKey
    to_catalog_item_id: str
    quantity: int
    transition_type: TransitionType
    to_subscription_id: str | None = None
    term_duration: str | None = None
    billing_cycle: str | None = None
    promotion_id: str | None = None

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
        """Whether the users' licenses are to be moved, too."""
        return self.transition_type is TransitionType.TRANSITION_WITH_LICENSE_TRANSFER


def parse_upgrade(
    input: UpgradeSubscriptionInput | UpgradeLineInput | UpgradePreviewInput,
) -> UpgradeOrder:
    """Validate an upgrade. Raises InvalidInput for the first wrong argument."""
    return UpgradeOrder(
        source=_parse_source(input.customer_id, input.subscription_id),
        target_offer_id=arguments.parse_offer_id("targetOfferId", input.target_offer_id),
        upgrade_type=UpgradeType[input.upgrade_type.name],
        quantity=None if input.quantity is None else _parse_quantity(input.quantity),
    )


def parse_product_upgrade(input: RequestProductUpgradeInput) -> ProductUpgradeOrder:
    """Validate a product upgrade. Raises InvalidInput for the first wrong argument."""
    return ProductUpgradeOrder(
        ProductUpgradeKey(
            arguments.parse_guid("customerId", input.customer_id),
            arguments.parse_product_family("productFamily", input.product_family),
            arguments.parse_request_attributes("attributes", input.attributes),
        )
    )


def parse_transition(input: TransitionSubscriptionInput) -> TransitionOrder:
    """Validate a transition. Raises InvalidInput for the first wrong argument."""
    receiver, cycle = input.to_subscription_id, input.billing_cycle
    return TransitionOrder(
        source=_parse_source(input.customer_id, input.subscription_id),
        to_catalog_item_id=arguments.parse_catalog_item_id(
            "toCatalogItemId", input.to_catalog_item_id
        ),
        quantity=_parse_quantity(input.quantity),
        transition_type=TransitionType[input.transition_type.name],
        to_subscription_id=(
            None if receiver is None else arguments.parse_guid("toSubscriptionId", receiver)
        ),
        term_duration=input.term_duration,
        billing_cycle=None if cycle is None else cycle.name.lower(),
        promotion_id=input.promotion_id,
    )


def _parse_source(customer_id: str, subscription_id: str) -> SubscriptionKey:
    return SubscriptionKey(
        arguments.parse_guid("customerId", customer_id),
        arguments.parse_guid("subscriptionId", subscription_id),
    )


def _parse_quantity(quantity: int) -> int:
    if quantity < 1:
        raise InvalidInput(f"quantity must be at least 1, not {quantity}.")
    return quantity
