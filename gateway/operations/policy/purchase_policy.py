"""Decides whether the purchase policy allows orders. Pure functions."""

from collections.abc import Sequence

from gateway.operations.policy.policy_file import CallerPolicy, PurchasePolicy
from resolvers.orders import Order

_UNRESTRICTED = CallerPolicy()


def find_violation(policy: PurchasePolicy, principal: str, orders: Sequence[Order]) -> str | None:
    """Return why the policy forbids the orders; None if it allows them.

    The number of seats is checked separately.
    """
    caller = policy.callers.get(principal, _UNRESTRICTED)
    if not policy.writes:
        return "The operator of this gateway has switched off all purchases."
    if not caller.writes:
        return "The operator of this gateway has switched off your purchases."
    return _customer_violation(policy, orders) or _type_violation(policy, caller, orders)


def _customer_violation(policy: PurchasePolicy, orders: Sequence[Order]) -> str | None:
    closed = {name.lower() for name, each in policy.customers.items() if not each.writes}
    for order in orders:
        if order.customer_id.lower() in closed:
            return (
                "The operator of this gateway has switched off purchases for customer"
                f" {order.customer_id}."
            )
    return None


def _type_violation(
    policy: PurchasePolicy, caller: CallerPolicy, orders: Sequence[Order]
) -> str | None:
    for allowed in (policy.upgrade_types, caller.upgrade_types):
        for order in orders:
            name = order.policy_type
            if allowed is not None and name not in allowed:
                names = ", ".join(sorted(allowed)) or "none"
                return f"The operator of this gateway does not allow {name}; allowed: {names}."
    return None


def seat_limit(policy: PurchasePolicy, principal: str) -> int | None:
    """Return how many seats a caller may buy in an hour; None for any number."""
    own = policy.callers.get(principal, _UNRESTRICTED).seats_per_hour
    return policy.seats_per_hour if own is None else own


def seat_violation(limit: int, taken: int, wanted: int) -> str | None:
    """Return why a caller who has bought `taken` seats may not buy `wanted` more, or None."""
    if taken + wanted <= limit:
        return None
    return (
        f"The order needs {wanted} seats. You may buy {limit} in an hour, and"
        f" {max(0, limit - taken)} of them are left."
    )
