"""The customers of a run, and the orders for their subscriptions."""

from random import Random

from resolvers.orders import Order, TransitionOrder, UpgradeOrder
from schema.keys import SubscriptionKey
from schema.transition import TransitionType
from schema.upgrade import UpgradeType
from tests.simulation.callers import Submission
from tests.simulation.vendor import LISTED_ITEM, SimulatedSubscription

PRINCIPALS = ("m0", "m1")


def draw_customers(random: Random) -> dict[str, list[SimulatedSubscription]]:
    """Return one or two customers, each with one to three subscriptions."""
    return {
        f"c{customer}": [
            SimulatedSubscription(f"s{customer}{number}", "old")
            for number in range(random.randint(1, 3))
        ]
        for customer in range(random.choice((1, 1, 2)))
    }


def draw_submissions(
    random: Random, customers: dict[str, list[SimulatedSubscription]]
) -> list[Submission]:
    """Return one to six keys, perhaps several for one subscription, and perhaps a batch."""
    sources = [
        SubscriptionKey(customer_id, each.id)
        for customer_id, held in customers.items()
        for each in held
    ]
    submissions = [
        Submission(random.choice(PRINCIPALS), f"k{number}", (_draw_order(random, sources),))
        for number in range(random.randint(1, 6))
    ]
    if random.random() < 0.4:
        lines = tuple(_upgrade_order(random.choice(sources)) for _ in range(random.randint(2, 4)))
        submissions.append(Submission(PRINCIPALS[0], "b", lines, is_batch=True))
    return submissions


def _draw_order(random: Random, sources: list[SubscriptionKey]) -> Order:
    source = random.choice(sources)
    if random.random() < 0.8:
        return _upgrade_order(source)
    item = "new" if random.random() < 0.5 else LISTED_ITEM
    return TransitionOrder(source, item, 1, TransitionType.TRANSITION_ONLY)


def _upgrade_order(source: SubscriptionKey) -> UpgradeOrder:
    return UpgradeOrder(source, "new", UpgradeType.UPGRADE_ONLY)
