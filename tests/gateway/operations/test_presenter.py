from dataclasses import asdict

import pytest
from msgspec.structs import replace

from gateway.operations.model.record import create_record
from gateway.operations.model.steps import OperationOutcome
from gateway.operations.presenter import operation_to_graphql
from gateway.operations.snapshot import OperationSnapshot
from resolvers.orders import Order, ProductUpgradeOrder, TransitionOrder, UpgradeOrder
from schema.billing import BillingCycle
from schema.keys import ProductUpgradeKey, SubscriptionKey
from schema.operation import OperationState
from schema.operation_kind import OperationKind
from schema.order import OperationOrder
from schema.transition import TransitionType
from schema.upgrade import UpgradeType
from tests.support.fake_partner import POLICY
from tests.support.families import FakeFamilies


def order_of(order: Order, quantity: int | None) -> OperationOrder:
    record = create_record(order, "me", "key-1", request_id="request-1", now=0.0, policy=POLICY)
    snapshot = OperationSnapshot(record, OperationState.QUEUED, 0.0, quantity=quantity)
    return operation_to_graphql(snapshot, FakeFamilies()).order


SOURCE = SubscriptionKey("customer-1", "subscription-1")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param(
            UpgradeOrder(SOURCE, "offer-1", UpgradeType.UPGRADE_ONLY, 5, preview="secret"),
            {
                "subscription_id": "subscription-1",
                "target_offer_id": "offer-1",
                "upgrade_type": UpgradeType.UPGRADE_ONLY,
                "quantity": 5,
            },
            id="upgrade",
        ),
        pytest.param(
            ProductUpgradeOrder(ProductUpgradeKey("customer-1", "azure")),
            {"product_family": "azure"},
            id="product upgrade",
        ),
        pytest.param(
            TransitionOrder(
                source=SOURCE,
                to_catalog_item_id="a:b:c",
                quantity=7,
                transition_type=TransitionType.TRANSITION_ONLY,
                to_subscription_id="subscription-2",
                term_duration="P1Y",
                billing_cycle="monthly",
                promotion_id="promotion",
            ),
            {
                "subscription_id": "subscription-1",
                "to_catalog_item_id": "a:b:c",
                "quantity": 7,
                "transition_type": TransitionType.TRANSITION_ONLY,
                "to_subscription_id": "subscription-2",
                "term_duration": "P1Y",
                "billing_cycle": BillingCycle.MONTHLY,
                "raw_billing_cycle": "monthly",
                "promotion_id": "promotion",
            },
            id="transition",
        ),
    ],
)
def test_the_order_is_shown_completely(order: Order, expected: dict[str, object]) -> None:
    shown = asdict(order_of(order, 9))
    given = {name: value for name, value in shown.items() if value is not None}
    assert given == {"customer_id": "customer-1", **expected}


@pytest.mark.parametrize("quantity", [None, 9])
def test_an_order_without_a_quantity_shows_the_quantity_of_the_check(quantity: int | None) -> None:
    order = UpgradeOrder(SOURCE, "offer-1", UpgradeType.UPGRADE_ONLY)
    assert order_of(order, quantity).quantity == quantity


@pytest.mark.parametrize(
    ("payload", "customer_id"),
    [
        ({"source": {"customer_id": "customer-1", "subscription_id": "s"}, "new": 1}, "customer-1"),
        ({"customer_id": "customer-1"}, "customer-1"),
        ({"source": "other"}, ""),
    ],
)
def test_an_order_of_a_later_versions_kind_shows_its_customer(
    payload: dict[str, object], customer_id: str
) -> None:
    order = UpgradeOrder(SOURCE, "offer-1", UpgradeType.UPGRADE_ONLY)
    record = create_record(order, "me", "key-1", request_id="request-1", now=0.0, policy=POLICY)
    later = replace(record, kind="LATER", payload=payload)
    outcome = OperationOutcome(state=OperationState.DONE, at=1.0, body="{}")
    shown = operation_to_graphql(
        OperationSnapshot(later, OperationState.DONE, 1.0, outcome=outcome), FakeFamilies()
    )
    assert (shown.kind, shown.order.customer_id) == (OperationKind.UNKNOWN, customer_id)
    assert (shown.state, shown.result) == (OperationState.DONE, None)
