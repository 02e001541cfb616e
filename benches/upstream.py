"""Measures reads from the upstream: loaders, directory, client, transport, decoding, mapping.

Four reads use the loaders as the graph does, without GraphQL and the HTTP edge: a task awaits each
value and reads its members. The upstream serves recorded bodies from another process. Transports
take turns. Figures are CPU time of this process for one read, medians of all turns.

    python -m benches.upstream [--rounds 31] [--transports asyncio,httpx]
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

import uvloop

from benches.queries import SUBSCRIPTIONS
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import run_upstream
from benches.upstream_bodies import OFFERS, RecordedUpstream, record_upstream
from gateway.clock import SystemClock
from gateway.credentials import SecretToken
from gateway.server import gc_tuning
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.static import StaticTokens
from gateway.upstream.transport.factory import TransportKind, create_transport
from resolvers.ports.directory import OffersKey
from resolvers.request_loaders import RequestLoaders
from schema.keys import CustomerKey, Market, OfferKey
from tests.support.empty_ports import empty_ports

CUSTOMERS: Final = 16
CORRELATION_ID: Final = "00000000-0000-4000-8000-000000000000"

UpstreamRead = Callable[[RequestLoaders, str], Awaitable[object]]


async def gather_all(*waits: Awaitable[Any]) -> list[Any]:
    """Await each in its own task, as executors do."""
    return await asyncio.gather(*waits)


async def flat(loaders: RequestLoaders, offer_id: str) -> object:
    """Q1: one offer."""
    offer = await loaders.offer.load(OfferKey(offer_id, Market()))
    category = offer.category
    return (
        (offer.id, offer.name, offer.minimum_quantity, offer.maximum_quantity),
        category and (category.name, category.rank),
    )


async def nested(loaders: RequestLoaders, customer_id: str) -> object:
    """Q2: a customer, its subscriptions, the upgrades of each with their offers."""

    async def upgrades_of(subscription: Any) -> object:
        upgrades = await loaders.upgrades.load(subscription.key)
        return [
            (
                (upgrade.upgrade_type, upgrade.is_eligible, upgrade.quantity),
                ((offer := upgrade.target_offer).id, offer.name, offer.description),
                offer.product and (offer.product.name, offer.product.unit),
                offer.category and offer.category.name,
                [(error.raw_code, error.description) for error in upgrade.upgrade_errors],
            )
            for upgrade in upgrades
        ]

    key = CustomerKey(customer_id)
    customer = await loaders.full_customer.load(key)
    subscriptions = await loaders.subscriptions.load(key)
    return (
        (customer.id, customer.company_profile.company_name),
        [(s.id, s.friendly_name, s.quantity, s.status, s.commerce) for s in subscriptions],
        await gather_all(*map(upgrades_of, subscriptions)),
    )


async def wide(loaders: RequestLoaders, customer_id: str) -> object:
    """Q3: a page of 300 offers."""
    page = await loaders.offers.load(OffersKey(Market(), None, 0, OFFERS))
    return [
        (
            (o.id, o.name, o.description, o.rank, o.minimum_quantity, o.maximum_quantity),
            (o.is_add_on, o.is_available_for_purchase, o.billing, o.unit_type),
            (category := o.category) and (category.id, category.name, category.rank),
            (product := o.product) and (product.id, product.name, product.unit),
        )
        for o in page.offers
    ]


async def shared(loaders: RequestLoaders, customer_id: str) -> object:
    """Q4: a customer's subscriptions, whose offers are few."""

    async def offer_of(subscription: Any) -> object:
        offer = await loaders.offer.load(subscription.market_offer)
        return offer.id, offer.name

    key = CustomerKey(customer_id)
    customer = await loaders.full_customer.load(key)
    subscriptions = await loaders.subscriptions.load(key)
    return (
        (customer.id, customer.company_profile.company_name),
        await gather_all(*map(offer_of, subscriptions)),
    )


READS: Final[dict[str, UpstreamRead]] = {
    "flat (Q1)": flat,
    "nested (Q2)": nested,
    "wide (Q3)": wide,
    "shared offers (Q4)": shared,
}


class UpstreamReader:
    """Reads through one client, each time as a new request."""

    def __init__(self, kind: str, url: str) -> None:
        self._clock = SystemClock()
        self._transport = create_transport(cast("TransportKind", kind))
        tokens = StaticTokens(SecretToken("bench" * 300))
        self._client = UpstreamClient(
            self._transport, tokens, url, clock=self._clock, limits=ClientLimits()
        )

    async def read(self, question: UpstreamRead, object_id: str) -> object:
        """Read once, with new loaders and an empty cache."""
        deadline = self._clock.monotonic() + 30
        scope = RequestScope("bench", CORRELATION_ID, deadline, CallBudget(1000))
        directory = PartnerDirectory(
            self._client, scope, CatalogCaches(0, 0, 0, self._clock.monotonic)
        )
        loaders = RequestLoaders(directory, empty_ports)
        return await question(loaders, object_id)

    async def measure_us(self, question: UpstreamRead, ids: Sequence[str]) -> float:
        """Return the CPU time of one read in microseconds, with concurrent reads of all ids."""
        started_at = time.process_time()
        await asyncio.gather(*(self.read(question, object_id) for object_id in ids))
        return (time.process_time() - started_at) / len(ids) * 1e6


async def compare(
    kinds: list[str], rounds: int, url: str, upstream: RecordedUpstream
) -> BenchReport:
    """Return the medians of each read, by transport."""
    readers = {kind: UpstreamReader(kind, url) for kind in kinds}
    rows: list[dict[str, Figure]] = []
    for name, question in READS.items():
        ids = upstream.offer_ids if question is flat else upstream.customer_ids[SUBSCRIPTIONS]
        results = [await reader.read(question, ids[0]) for reader in readers.values()]
        assert all(result == results[0] for result in results)
        taken: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for kind, reader in readers.items():
                taken[kind].append(await reader.measure_us(question, ids))
        medians = {kind: statistics.median(taken[kind]) for kind in kinds}
        rows.append({"µs CPU a read": name, **medians})
    return BenchReport(f"medians of {rounds} rounds", rows)


async def measure(kinds: list[str], rounds: int, customers: int = CUSTOMERS) -> BenchReport:
    """Serve bodies from another process, and compare the transports."""
    upstream = await record_upstream({SUBSCRIPTIONS: customers})
    with run_upstream(upstream) as at:
        return await compare(kinds, rounds, at.url, upstream)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    kinds = ["asyncio", "httpx"]
    parser.add_argument("--transports", type=lambda text: text.split(","), default=kinds)
    args = parser.parse_args()
    gc_tuning.tune_for_serving()  # as the server does
    publish([uvloop.run(measure(args.transports, args.rounds))], args)


if __name__ == "__main__":
    main()
