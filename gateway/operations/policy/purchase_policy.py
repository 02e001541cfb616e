"""What an operator forbids: pure decisions over orders, before anything is recorded or sent."""

from collections.abc import Sequence

from gateway.settings.purchase_policy import CallerPolicy, PurchasePolicy
from resolvers.orders import Order

_EVERYTHING = CallerPolicy()


def find_violation(guards: PurchasePolicy, principal: str, orders: Sequence[Order]) -> str | None:
    """Say why orders may not be carried out; None when they may, as far as seats allow."""
    mine = guards.callers.get(principal, _EVERYTHING)
    if not guards.writes:
        return "The operator has switched off all purchases for now."
    if not mine.writes:
        return "The operator has switched off your purchases."
    return _customer_violation(guards, orders) or _type_violation(guards, mine, orders)


def _customer_violation(guards: PurchasePolicy, orders: Sequence[Order]) -> str | None:
    closed = {name.lower() for name, each in guards.customers.items() if not each.writes}
    for order in orders:
        if order.customer_id.lower() in closed:
            return f"The operator has switched off purchases for customer {order.customer_id}."
    return None


def _type_violation(
    guards: PurchasePolicy, mine: CallerPolicy, orders: Sequence[Order]
) -> str | None:
    for allowed in (guards.upgrade_types, mine.upgrade_types):
        for order in orders:
            name = order.policy_type
            if allowed is not None and name not in allowed:
                names = ", ".join(sorted(allowed)) or "none"
                return f"The operator does not allow {name}; allowed: {names}."
    return None


def seat_limit(guards: PurchasePolicy, principal: str) -> int | None:
    """Return how many seats a caller may ask for in an hour; None for any number."""
    own = guards.callers.get(principal, _EVERYTHING).seats_per_hour
    return guards.seats_per_hour if own is None else own


def seat_violation(limit: int, taken: int, wanted: int) -> str | None:
    """Say why so many seats may not be asked for; None when they may."""
    if taken + wanted <= limit:
        return None
    return (
        f"It asks for {wanted} seats; the operator allows you {limit} in an hour, of which"
        f" {max(0, limit - taken)} are left now."
    )
