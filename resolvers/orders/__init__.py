"""Orders: the validated inputs of operations, one file for each kind."""

from resolvers.orders.base import (
    AnyOrder,
    MemberCheck,
    Order,
    check_members,
    decode_order,
    known_kinds,
    parse_order,
    register_order_type,
    subscription_subject,
)
from resolvers.orders.license_upgrade import UpgradeOrder
from resolvers.orders.product_upgrade import ProductUpgradeOrder
from resolvers.orders.scheduled_change import CancelScheduledUpgradeOrder, ScheduleUpgradeOrder
from resolvers.orders.transition import TransitionOrder

__all__ = [
    "AnyOrder",
    "CancelScheduledUpgradeOrder",
    "MemberCheck",
    "Order",
    "ProductUpgradeOrder",
    "ScheduleUpgradeOrder",
    "TransitionOrder",
    "UpgradeOrder",
    "check_members",
    "decode_order",
    "known_kinds",
    "parse_order",
    "register_order_type",
    "subscription_subject",
]
