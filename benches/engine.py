"""What executing costs: the engine's plans against graphql-core under Strawberry.

The wide query is 300 offers with 17 plain fields behind one asynchronous field; the nested one is a
customer's 20 subscriptions with 3 upgrades each, 22 asynchronous fields. The loaders are replaced
by answers made beforehand, which come one turn of the loop later, so that executing is all that
is measured. Both executors take turns in one process; figures are CPU time, medians of all turns.

    python -m benches.engine [--rounds 200]
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, Final, cast

import uvloop

from gateway.engine import Engine
from resolvers.context import RequestContext
from resolvers.graph import build_graph
from resolvers.loaders import RequestLoaders
from resolvers.ports import OffersKey
from schema.keys import Market, SubscriptionKey
from tests.gateway.engine.fake_directory import FakeDirectory, guid
from tests.support.directory import context_over

WIDE: Final = """
{
  offers(country: "US", first: 300) {
    nodes {
      id name description rank minimumQuantity maximumQuantity isAddOn isAvailableForPurchase
      billing unitType
      category { id name rank }
      product { id name unit }
    }
  }
}
"""
NESTED: Final = """
query Nested($id: ID!) {
  customer(id: $id) {
    id
    companyProfile { companyName }
    subscriptions(first: 100) {
      nodes {
        id friendlyName quantity status
        upgrades {
          upgradeType isEligible quantity
          targetOffer { id name description product { name unit } category { name } }
          upgradeErrors { code: rawCode description }
        }
      }
    }
  }
}
"""
FLAT: Final = """
query Flat($id: ID!) {
  offer(id: $id, country: "US") { id name minimumQuantity maximumQuantity category { name rank } }
}
"""
DOCUMENTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "flat (Q1)": (FLAT, {"id": "offer-1"}),
    "nested (Q2)": (NESTED, {"id": guid(1)}),
    "wide (Q3)": (WIDE, {}),
}

Execute = Callable[[], Awaitable[Any]]


class Answer:
    """Stands for a loader: every key has the same answer."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def load(self, key: object) -> "asyncio.Future[Any]":
        """Answer in the next turn of the loop."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        loop.call_soon(future.set_result, self._value)
        return future


async def answering() -> RequestContext:
    """Make a context whose loaders have their answers."""
    directory = FakeDirectory(offers=300, subscriptions=20)
    answers = SimpleNamespace(
        offer=Answer((await directory.offers(Market(), ["offer-1"]))[0]),
        offers=Answer(await directory.offers_page(OffersKey(Market(), None, 0, 300))),
        whole_customer=Answer(await directory.customer(guid(1))),
        subscriptions=Answer(await directory.subscriptions(guid(1))),
        upgrades=Answer(await directory.upgrades(SubscriptionKey(guid(1), guid(1)))),
    )
    return context_over(directory, loaders=cast("RequestLoaders", answers), max_page_size=500)


async def microseconds(execute: Execute, repeats: int) -> float:
    """Take the CPU time of one execution, averaged over a few."""
    begun = time.process_time()
    for _ in range(repeats):
        await execute()
    return (time.process_time() - begun) / repeats * 1e6


async def compare(rounds: int) -> None:
    """Print the medians of each document."""
    graph, context = build_graph(), await answering()
    engine = Engine(graph)
    print(f"{'document':14}{'graphql-core':>14}{'engine':>10}{'ratio':>8}")
    for name, (document, variables) in DOCUMENTS.items():

        async def by_core(document: str = document, variables: Any = variables) -> Any:
            return await graph.execute(document, variables, context)

        async def by_engine(document: str = document, variables: Any = variables) -> Any:
            return await engine.execute(document, context=context, variables=variables)

        expected, found = await by_core(), await by_engine()
        assert expected.errors is None, expected.errors
        assert found.data == expected.data
        times: dict[Execute, list[float]] = {by_core: [], by_engine: []}
        for _ in range(rounds):
            times[by_core].append(await microseconds(by_core, 1))
            times[by_engine].append(await microseconds(by_engine, 5))
        core, own = (statistics.median(found) for found in times.values())
        print(f"{name:14}{core:11.0f} µs{own:7.0f} µs{core / own:7.1f}x")


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    uvloop.run(compare(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
