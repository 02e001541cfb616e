"""Orders as the graph shows them."""

from strawberry import ID

from resolvers.orders import Order, ProductUpgradeOrder, TransitionOrder
from schema.billing import parse_billing_cycle
from schema.order import OperationOrder


def order_to_graphql(order: Order, quantity: int | None) -> OperationOrder:
    """Show what was ordered.

    Args:
        order: as it was recorded.
        quantity: licenses that are bought, for an order that left them out.
    """
    if isinstance(order, ProductUpgradeOrder):
        product = order.product
        return OperationOrder(
            customer_id=ID(product.customer_id), product_family=product.product_family
        )
    source = order.source
    if isinstance(order, TransitionOrder):
        receiver = order.to_subscription_id
        return OperationOrder(
            customer_id=ID(source.customer_id),
            subscription_id=ID(source.subscription_id),
            quantity=order.quantity,
            to_catalog_item_id=ID(order.to_catalog_item_id),
            transition_type=order.transition_type,
            to_subscription_id=None if receiver is None else ID(receiver),
            term_duration=order.term_duration,
            billing_cycle=parse_billing_cycle(order.billing_cycle),
            raw_billing_cycle=order.billing_cycle,
            promotion_id=order.promotion_id,
        )
    return OperationOrder(
        customer_id=ID(source.customer_id),
        subscription_id=ID(source.subscription_id),
        quantity=quantity if order.quantity is None else order.quantity,
        target_offer_id=ID(order.target_offer_id),
        upgrade_type=order.upgrade_type,
    )
