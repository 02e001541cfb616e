"""The subscription that an order starts from, among those its customer has."""

from collections.abc import Sequence

from schema.customer_subscription import CustomerSubscription


def find_subscription(
    held: Sequence[CustomerSubscription], wanted_id: str
) -> CustomerSubscription | None:
    """Find a subscription by its id, in any case."""
    return next((s for s in held if s.id.lower() == wanted_id.lower()), None)


def with_offer(held: Sequence[CustomerSubscription], offer_id: str) -> list[CustomerSubscription]:
    """Pick the subscriptions of an offer or a catalog item, each once if the list repeats it."""
    found = (s for s in held if (s.offer_id or "").lower() == offer_id.lower())
    return list({s.id.lower(): s for s in found}.values())
