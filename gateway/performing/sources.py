"""The subscription that an order starts from, among those its customer has."""

from collections.abc import Mapping, Sequence

from gateway.operations.record import Failure
from schema.contract_terms import CommerceFamily
from schema.customer_subscription import CustomerSubscription
from schema.keys import SubscriptionKey
from schema.operation import UserErrorCode


def refusal_of_source(
    source: CustomerSubscription | None,
    asked: SubscriptionKey,
    other_mutations: Mapping[CommerceFamily, str],
) -> Failure | None:
    """Refuse what is not there, or belongs to another family of upgrades (CONTRACT 4.0).

    The mutations are those that serve the families which the asked one does not.
    """
    if source is None:
        message = (
            f"Customer {asked.customer_id} has no subscription {asked.subscription_id};"
            " `subscriptions` lists those it has."
        )
        return Failure(code=UserErrorCode.NOT_FOUND, message=message)
    other = other_mutations.get(source.commerce)
    if other is None:
        return None
    message = f"This subscription is {source.commerce.name}: `{other}` upgrades it."
    return Failure(code=UserErrorCode.WRONG_FAMILY, message=message)


def find(held: Sequence[CustomerSubscription], wanted_id: str) -> CustomerSubscription | None:
    """Find a subscription by its id, in any case."""
    return next((s for s in held if s.id.lower() == wanted_id.lower()), None)


def of_offer(held: Sequence[CustomerSubscription], offer_id: str) -> list[CustomerSubscription]:
    """Pick the subscriptions of an offer or a catalog item."""
    return [s for s in held if (s.offer_id or "").lower() == offer_id.lower()]
