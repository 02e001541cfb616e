"""One input for every kind of order: the kind follows from the members, or is told."""

import dataclasses
from typing import Any, Final

import msgspec
import pytest
from strawberry import ID

from gateway.operations.model.record import hash_order
from resolvers.orders import (
    Order,
    ProductUpgradeOrder,
    TransitionOrder,
    UpgradeOrder,
    decode_order,
    parse_order,
)
from schema.billing import BillingCycleInput
from schema.errors import InvalidInput
from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.operation_kind import OperationKindInput
from schema.order_input import UpgradeOrderInput
from schema.transition import TransitionType, TransitionTypeInput
from schema.upgrade import UpgradeType, UpgradeTypeInput

CUSTOMER: Final = "3d1f6bd8-6a1c-4c7c-9a3a-4d2b1f0e9c11"
SOURCE: Final = SubscriptionKey(CUSTOMER, "83ef9d05-4169-4ef9-9657-0e86b1eab1de")
ITEM: Final = "CFQ7TTC0LF8Q:0001:CFQ7TTC0KDLJ"
UPGRADE: Final[dict[str, Any]] = {
    "subscription_id": SOURCE.subscription_id,
    "target_offer_id": "031c9e47-4802-4248-838e-778fb1d2cc05",
    "upgrade_type": UpgradeTypeInput.UPGRADE_ONLY,
}
TRANSITION: Final[dict[str, Any]] = {
    "subscription_id": SOURCE.subscription_id,
    "to_catalog_item_id": ITEM,
    "quantity": 3,
    "transition_type": TransitionTypeInput.TRANSITION_ONLY,
}


def read(**members: Any) -> Order:
    return parse_order(UpgradeOrderInput(customer_id=ID(CUSTOMER), **members))


@pytest.mark.parametrize(
    ("members", "order"),
    [
        (
            UPGRADE,
            UpgradeOrder(SOURCE, UPGRADE["target_offer_id"], UpgradeType.UPGRADE_ONLY),
        ),
        (
            {**TRANSITION, "billing_cycle": BillingCycleInput.ONE_TIME},
            TransitionOrder(
                SOURCE, ITEM, 3, TransitionType.TRANSITION_ONLY, billing_cycle="one_time"
            ),
        ),
        ({}, ProductUpgradeOrder(ProductUpgradeKey(CUSTOMER, "azure"))),
        (
            {"product_family": "Azure"},
            ProductUpgradeOrder(ProductUpgradeKey(CUSTOMER, "Azure")),
        ),
    ],
    ids=["upgrade", "transition", "product upgrade", "product upgrade with its family"],
)
def test_the_kind_follows_from_the_members_or_is_told(
    members: dict[str, Any], order: Order
) -> None:
    assert read(**members) == order
    assert read(**members, kind=OperationKindInput[order.kind]) == order


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {**UPGRADE, "to_catalog_item_id": ITEM},
            "toCatalogItemId does not belong to an order of kind UPGRADE_SUBSCRIPTION, which its"
            " other members imply.",
        ),
        (
            {**UPGRADE, "kind": OperationKindInput.TRANSITION_SUBSCRIPTION},
            "targetOfferId does not belong to an order of kind TRANSITION_SUBSCRIPTION.",
        ),
        (
            {**TRANSITION, "product_family": "azure"},
            "productFamily does not belong to an order of kind TRANSITION_SUBSCRIPTION,",
        ),
        (
            {**TRANSITION, "quantity": None},
            "quantity is required for an order of kind TRANSITION_SUBSCRIPTION,",
        ),
        (
            {**TRANSITION, "subscription_id": None},
            "subscriptionId is required for an order of kind TRANSITION_SUBSCRIPTION,",
        ),
        (
            {**UPGRADE, "upgrade_type": None},
            "upgradeType is required for an order of kind UPGRADE_SUBSCRIPTION,",
        ),
        (
            {"product_family": "azure", "subscription_id": SOURCE.subscription_id},
            "subscriptionId does not belong to an order of kind REQUEST_PRODUCT_UPGRADE,",
        ),
        ({"subscription_id": SOURCE.subscription_id}, "subscriptionId needs a target:"),
        ({"product_family": ""}, "productFamily must be"),
    ],
)
def test_an_error_names_the_member_and_the_kind_that_was_assumed(
    members: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        read(**members)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("members", [UPGRADE, TRANSITION, {}])
def test_a_preview_is_stored_but_not_part_of_the_orders_identity(members: dict[str, Any]) -> None:
    order = read(**members)
    previewed = dataclasses.replace(order, preview="token")
    stored = msgspec.to_builtins(previewed)
    assert decode_order(order.kind, stored) == previewed
    assert hash_order(previewed) == hash_order(order)
    del stored["preview"]  # as before the member existed
    assert decode_order(order.kind, stored) == order
