"""Orders: the validated inputs of operations."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class UpgradeOrder:
    """The upgrade of a legacy license subscription.

    Attributes:
        quantity: licenses to buy; None for the subscription's current quantity.
        preview: the content of a verified preview token; not part of the order's identity.
    """

    source: SubscriptionKey
    target_offer_id: str
    upgrade_type: UpgradeType
    quantity: int | None = None
    preview: str | None = None

    @property
    def kind(self) -> OperationKind:
        return OperationKind.UPGRADE_SUBSCRIPTION

    @property
    def customer_id(self) -> str:
        return self.source.customer_id


@dataclass(frozen=True, slots=True)
class ProductUpgradeOrder:
    """The upgrade of a customer's products of one family."""

    product: ProductUpgradeKey

    @property
    def kind(self) -> OperationKind:
        return OperationKind.REQUEST_PRODUCT_UPGRADE

    @property
    def customer_id(self) -> str:
        return self.product.customer_id


@dataclass(frozen=True, slots=True)
class TransitionOrder:
    """The transition of a subscription to another catalog item. Source: CONTRACT 4.18.

    Attributes:
        billing_cycle: in Partner Center's spelling, such as `one_time`.
    """

    source: SubscriptionKey
    to_catalog_item_id: str
    quantity: int
    transition_type: TransitionType
    to_subscription_id: str | None = None
    term_duration: str | None = None
    billing_cycle: str | None = None
    promotion_id: str | None = None

    @property
    def kind(self) -> OperationKind:
        return OperationKind.TRANSITION_SUBSCRIPTION

    @property
    def customer_id(self) -> str:
        return self.source.customer_id

    @property
    def moves_licenses(self) -> bool:
        """Whether the users' licenses are to be moved, too."""
        return self.transition_type is TransitionType.TRANSITION_WITH_LICENSE_TRANSFER


Order = UpgradeOrder | ProductUpgradeOrder | TransitionOrder


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
