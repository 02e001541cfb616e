"""What executing costs: the engine's plans against graphql-core under Strawberry.

Each executes and encodes its result; the engine once with dictionaries and once with records. The
wide query is 300 offers with 17 plain fields behind one asynchronous field; the nested one is a
customer's 20 subscriptions with 3 upgrades each, 22 asynchronous fields. The loaders are replaced
by answers made beforehand, which come one turn of the loop later, so that executing is all that
is measured. All take turns in one process; figures are CPU time, medians of all turns.

    python -m benches.engine [--rounds 200]
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, cast

import msgspec
import uvloop

from gateway.engine import Engine, plain, record
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
OFFERS: Final = """
query Offers($id: ID!) {
  customer(id: $id) {
    id
    companyProfile { companyName }
    subscriptions(first: 100) { nodes { id offer { id name } } }
  }
}
"""
DOCUMENTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "flat (Q1)": (FLAT, {"id": "offer-1"}),
    "nested (Q2)": (NESTED, {"id": guid(1)}),
    "wide (Q3)": (WIDE, {}),
    "offers (Q4)": (OFFERS, {"id": guid(1)}),
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
    """Take the CPU time of one execution with its encoding, averaged over a few."""
    begun = time.process_time()
    for _ in range(repeats):
        msgspec.json.encode((await execute()).data)
    return (time.process_time() - begun) / repeats * 1e6


async def compare(rounds: int) -> None:
    """Print the medians of each document."""
    graph, context = build_graph(), await answering()
    engines = Engine(graph), Engine(graph, shape=record)
    print(f"{'document':14}{'graphql-core':>14}{'dictionaries':>14}{'records':>12}{'ratio':>8}")
    for name, (document, variables) in DOCUMENTS.items():
        executes: list[Execute] = [
            partial(graph.execute, document, variables, context),
            *(partial(e.execute, document, context=context, variables=variables) for e in engines),
        ]
        await check(executes)
        times: list[list[float]] = [[], [], []]
        for _ in range(rounds):
            for execute, taken, repeats in zip(executes, times, (1, 5, 5), strict=True):
                taken.append(await microseconds(execute, repeats))
        core, dictionaries, records = map(statistics.median, times)
        print(f"{name:14}{core:11.0f} µs{dictionaries:11.0f} µs{records:9.0f} µs", end="")
        print(f"{core / records:7.1f}x")


async def check(executes: list[Execute]) -> None:
    """See that all answer the same."""
    expected, *found = [await execute() for execute in executes]
    assert expected.errors is None, expected.errors
    assert all(plain(result.data) == expected.data for result in found)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    uvloop.run(compare(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
