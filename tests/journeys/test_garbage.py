"""Memory after a finished request."""

import contextlib
import gc
from collections import Counter
from collections.abc import Iterator

from gateway.sandbox.examples import Examples
from tests.support.journey import served_journey

EVERYTHING_AT_ONCE = """
query Everything($customer: ID!, $offer: ID!) {
  customer(id: $customer) {
    companyProfile { companyName }
    subscriptions(first: 100) {
      nodes { id offer { id name } upgrades { targetOffer { id } } operations { id } }
    }
  }
  offer(id: $offer) { id addOns { id } }
  offers(first: 10) { nodes { id category { name } } }
}
"""
OURS = ("gateway.auth", "gateway.edge", "gateway.engine", "gateway.upstream", "resolvers", "schema")


@contextlib.contextmanager
def garbage() -> Iterator[Counter[str]]:
    """Count the gateway's own objects, by type, that only the garbage collector finds."""
    found: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        types = (type(each) for each in gc.garbage)
        found.update(t.__qualname__ for t in types if t.__module__.startswith(OURS))
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def test_a_finished_request_leaves_no_garbage() -> None:
    async with served_journey() as gateway:
        examples: Examples = gateway.sandbox.world.examples
        ids = {"customer": examples.legacy_customer_id, "offer": examples.offer_id}
        await gateway.data(EVERYTHING_AT_ONCE, **ids)
        with garbage() as found:
            await gateway.data(EVERYTHING_AT_ONCE, **ids)
    assert not found
