"""How many seats orders ask for, where they do not say so themselves."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from resolvers.orders import Order, ProductUpgradeOrder, UpgradeOrder
from resolvers.ports.directory import Directory
from schema.errors import NotFound


async def count_seats(directory: Directory, orders: Sequence[Order]) -> int:
    """Add up quantities; one call for each customer with an order for "as many as there are".

    A product upgrade has no seats. What does not exist has none either: its order is refused later.
    """
    named, unnamed = 0, defaultdict[str, set[str]](set)
    for order in orders:
        if isinstance(order, ProductUpgradeOrder):
            continue
        if isinstance(order, UpgradeOrder) and order.quantity is None:
            unnamed[order.customer_id.lower()].add(order.source.subscription_id.lower())
        else:
            named += order.quantity or 0
    read = await asyncio.gather(*(_count_present(directory, *each) for each in unnamed.items()))
    return named + sum(read)


async def _count_present(
    directory: Directory, customer_id: str, subscription_ids: Iterable[str]
) -> int:
    try:
        subscriptions = await directory.subscriptions(customer_id)
    except NotFound:
        return 0
    wanted = set(subscription_ids)
    return sum(each.quantity or 0 for each in subscriptions if each.id.lower() in wanted)
