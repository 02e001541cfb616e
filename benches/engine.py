"""Compares execution by the engine's plans with graphql-core under Strawberry.

Each executes a query and encodes the result, the engine with dictionaries and with records. The
wide query has 300 offers with 17 plain fields below one asynchronous field. The nested query has a
customer's 20 subscriptions with 3 upgrades each, 22 asynchronous fields. The loaders return fixed
values in the next turn of the event loop, so only execution is measured. All take turns in one
process. Figures are CPU time, medians of all turns.

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
from benches.report import BenchReport, Figure, build_parser, publish
from gateway.engine import Engine, record, to_plain
from resolvers.context import RequestContext
from resolvers.graph import build_graph
from resolvers.ports.directory import OffersKey
from resolvers.request_loaders import RequestLoaders
from schema.keys import Market, SubscriptionKey
from tests.gateway.engine.fake_directory import FakeDirectory, guid
from tests.support.directory import make_request_context

DOCUMENTS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "flat (Q1)": (FLAT.text(), {"id": "offer-1"}),
    "nested (Q2)": (NESTED.text(), {"id": guid(1)}),
    "wide (Q3)": (WIDE.text(), {"country": "US"}),
    "offers (Q4)": (SHARED.text(), {"id": guid(1)}),
}

Execute = Callable[[], Awaitable[Any]]


class FixedLoader:
    """A loader that returns the same value for every key, in the next turn of the event loop."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def load(self, key: object) -> "asyncio.Future[Any]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        loop.call_soon(future.set_result, self._value)
        return future


async def build_context() -> RequestContext:
    """Build a context with fixed loaders."""
    directory = FakeDirectory(offers=300, subscriptions=20)
    loaders = SimpleNamespace(
        offer=FixedLoader((await directory.offers(Market(), ["offer-1"]))[0]),
        offers=FixedLoader(await directory.offers_page(OffersKey(Market(), None, 0, 300))),
        full_customer=FixedLoader(await directory.customer(guid(1))),
        subscriptions=FixedLoader(await directory.subscriptions(guid(1))),
        upgrades=FixedLoader(await directory.upgrades(SubscriptionKey(guid(1), guid(1)))),
    )
    return make_request_context(
        directory, loaders=cast("RequestLoaders", loaders), max_page_size=500
    )


async def measure_us(execute: Execute, repeats: int) -> float:
    """Return the average CPU time of executing and encoding, in microseconds."""
    started_at = time.process_time()
    for _ in range(repeats):
        msgspec.json.encode((await execute()).data)
    return (time.process_time() - started_at) / repeats * 1e6


async def measure(rounds: int) -> BenchReport:
    graph, context = build_graph(), await build_context()
    engines = Engine(graph), Engine(graph, result_type=record)
    rows: list[dict[str, Figure]] = []
    for name, (document, variables) in DOCUMENTS.items():
        executes: list[Execute] = [
            partial(graph.execute, document, variables, context),
            *(partial(e.execute, document, context=context, variables=variables) for e in engines),
        ]
        await require_equal_results(executes)
        core, dictionaries, records = await measure_medians_us(executes, rounds)
        rows.append(
            {
                "µs CPU": name,
                "graphql-core": core,
                "dictionaries": dictionaries,
                "records": records,
                "graphql-core / records": core / records,
            }
        )
    return BenchReport(f"executing and encoding, medians of {rounds} rounds", rows)


async def measure_medians_us(executes: Sequence[Execute], rounds: int) -> list[float]:
    """Measure all in turns; the first one is slow, so it runs less often in a turn."""
    times: list[list[float]] = [[] for _ in executes]
    for _ in range(rounds):
        for execute, taken, repeats in zip(executes, times, (1, 5, 5), strict=True):
            taken.append(await measure_us(execute, repeats))
    return list(map(statistics.median, times))


async def require_equal_results(executes: list[Execute]) -> None:
    """Check that all return the same data."""
    expected, *others = [await execute() for execute in executes]
    assert expected.errors is None, expected.errors
    assert all(to_plain(result.data) == expected.data for result in others)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    args = parser.parse_args()
    publish([uvloop.run(measure(args.rounds))], args)


if __name__ == "__main__":
    main()
