"""What executing costs: the engine's plans against graphql-core under Strawberry.

Each executes and encodes its result; the engine once with dictionaries and once with records. The
wide query is 300 offers with 17 plain fields behind one asynchronous field; the nested one is a
customer's 20 subscriptions with 3 upgrades each, 22 asynchronous fields. The loaders are replaced
by answers made beforehand, which come one turn of the loop later, so that executing is all that
is measured. All take turns in one process; figures are CPU time, medians of all turns.

    python -m benches.engine [--rounds 200]
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, cast

import msgspec
import uvloop

from benches.queries import FLAT, NESTED, SHARED, WIDE
from benches.report import Figure, Report, options, publish
from gateway.engine import Engine, record, to_plain
from resolvers.context import RequestContext
from resolvers.graph import build_graph
from resolvers.ports.directory import OffersKey
from resolvers.request_loaders import RequestLoaders
from schema.keys import Market, SubscriptionKey
from tests.gateway.engine.fake_directory import FakeDirectory, guid
from tests.support.directory import context_over

DOCUMENTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "flat (Q1)": (FLAT.text(), {"id": "offer-1"}),
    "nested (Q2)": (NESTED.text(), {"id": guid(1)}),
    "wide (Q3)": (WIDE.text(), {"country": "US"}),
    "offers (Q4)": (SHARED.text(), {"id": guid(1)}),
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
        full_customer=Answer(await directory.customer(guid(1))),
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


async def measure(rounds: int) -> Report:
    """Take the medians of each document."""
    graph, context = build_graph(), await answering()
    engines = Engine(graph), Engine(graph, result_type=record)
    rows: list[dict[str, Figure]] = []
    for name, (document, variables) in DOCUMENTS.items():
        executes: list[Execute] = [
            partial(graph.execute, document, variables, context),
            *(partial(e.execute, document, context=context, variables=variables) for e in engines),
        ]
        await check(executes)
        core, dictionaries, records = await medians_us(executes, rounds)
        rows.append(
            {
                "µs CPU": name,
                "graphql-core": core,
                "dictionaries": dictionaries,
                "records": records,
                "graphql-core / records": core / records,
            }
        )
    return Report(f"executing and encoding, medians of {rounds} rounds", rows)


async def medians_us(executes: Sequence[Execute], rounds: int) -> list[float]:
    """Let all take turns; the first, which is slow, less often in each."""
    times: list[list[float]] = [[] for _ in executes]
    for _ in range(rounds):
        for execute, taken, repeats in zip(executes, times, (1, 5, 5), strict=True):
            taken.append(await microseconds(execute, repeats))
    return list(map(statistics.median, times))


async def check(executes: list[Execute]) -> None:
    """See that all answer the same."""
    expected, *found = [await execute() for execute in executes]
    assert expected.errors is None, expected.errors
    assert all(to_plain(result.data) == expected.data for result in found)


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    told = parser.parse_args()
    publish([uvloop.run(measure(told.rounds))], told)


if __name__ == "__main__":
    main()
