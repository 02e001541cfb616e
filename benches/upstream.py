"""What reading upstream costs: loaders, directory, client, transport, decoding, mapping.

Four questions are asked as the graph would ask them, without GraphQL and without an HTTP edge:
every loader's answer is awaited by a task of its own and the members are read. The upstream serves
recorded bodies as static files from another process. Transports take turns; figures are CPU time
of this process for one question, medians of all turns.

    python -m benches.upstream [--rounds 9] [--transports asyncio,pyreqwest,httpx]
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, cast

import uvloop

from benches.nested import free_port, process, record, until_ready
from gateway.upstream import transports
from gateway.upstream.client import Client
from gateway.upstream.clock import SystemClock
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.scope import CallBudget, RequestScope, SecretToken
from gateway.upstream.tokens.given import StaticTokens
from resolvers.loaders import RequestLoaders
from resolvers.ports import OffersKey
from schema.keys import CustomerKey, Market, OfferKey
from tests.support.batches import NoBatches
from tests.support.operations import NoOperations

CUSTOMERS: Final = 16
OFFERS: Final = 300
DISTINCT_OFFERS: Final = 4
CORRELATION_ID: Final = "00000000-0000-4000-8000-000000000000"

Question = Callable[[RequestLoaders, str], Awaitable[object]]


def add_offers(folder: Path) -> list[str]:
    """Add one page of offers and a few by id, made of an offer that an upgrade leads to."""
    index = json.loads((folder / "index.json").read_text())
    upgrades = next(name for path, name in index.items() if path.endswith("/upgrades"))
    target = json.loads((folder / upgrades).read_text())["items"][0]["targetOffer"]
    offers = [
        {**target, "id": f"{number:08d}-0000-4000-8000-000000000000"} for number in range(OFFERS)
    ]
    bodies: dict[str, Any] = {"/v1/offers": {"totalCount": OFFERS, "items": offers}}
    bodies |= {f"/v1/offers/{offer['id']}": offer for offer in offers[:DISTINCT_OFFERS]}
    for path, body in bodies.items():
        index[path] = f"{len(index)}.json"
        (folder / index[path]).write_text(json.dumps(body, separators=(",", ":")))
    (folder / "index.json").write_text(json.dumps(index))
    return [offer["id"] for offer in offers[:DISTINCT_OFFERS]]


async def all_of(*waits: Awaitable[Any]) -> list[Any]:
    """Await each in a task of its own, as executors do."""
    return await asyncio.gather(*waits)


async def flat(loaders: RequestLoaders, customer_id: str) -> object:
    """Q1: one offer."""
    offer = await loaders.offer.load(OfferKey(OFFER_IDS[0], Market()))
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
    customer = await loaders.whole_customer.load(key)
    subscriptions = await loaders.subscriptions.load(key)
    return (
        (customer.id, customer.company_profile.company_name),
        [(s.id, s.friendly_name, s.quantity, s.status, s.commerce) for s in subscriptions],
        await all_of(*map(upgrades_of, subscriptions)),
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

    async def offer_of(subscription: Any, number: int) -> object:
        offer_id = OFFER_IDS[number % DISTINCT_OFFERS]
        offer = await loaders.offer.load(OfferKey(offer_id, subscription.market_offer.market))
        return offer.id, offer.name

    key = CustomerKey(customer_id)
    customer = await loaders.whole_customer.load(key)
    subscriptions = await loaders.subscriptions.load(key)
    return (
        (customer.id, customer.company_profile.company_name),
        await all_of(*(offer_of(s, number) for number, s in enumerate(subscriptions))),
    )


OFFER_IDS: Final = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(OFFERS)]
QUESTIONS: Final[dict[str, tuple[Question, int]]] = {
    "flat (Q1)": (flat, 1),
    "nested (Q2)": (nested, 22),
    "wide (Q3)": (wide, 1),
    "shared offers (Q4)": (shared, 6),
}


class Asker:
    """Asks questions through one client, each as a request of its own."""

    def __init__(self, kind: str, url: str) -> None:
        self._clock = SystemClock()
        self._transport = transports.choose(cast("transports.Kind", kind))
        tokens = StaticTokens(SecretToken("bench" * 300))
        self._client = Client(self._transport, tokens, url, clock=self._clock)

    async def ask(self, question: Question, customer_id: str) -> object:
        """Ask once, with fresh loaders and nothing cached."""
        deadline = self._clock.monotonic() + 30
        scope = RequestScope("bench", CORRELATION_ID, deadline, CallBudget(1000))
        directory = PartnerDirectory(self._client, scope, {})
        loaders = RequestLoaders(directory, NoOperations(), NoBatches())
        return await question(loaders, customer_id)

    async def microseconds(self, question: Question, ids: list[str], repeats: int) -> float:
        """Take the CPU time of one question, with as many asked at a time as there are ids."""
        begun = time.process_time()
        for _ in range(repeats):
            await asyncio.gather(*(self.ask(question, customer_id) for customer_id in ids))
        return (time.process_time() - begun) / repeats / len(ids) * 1e6


async def compare(
    kinds: list[str], rounds: int, url: str, ids: list[str]
) -> dict[str, list[float]]:
    """Take the medians of each question, one for each transport."""
    askers = {kind: Asker(kind, url) for kind in kinds}
    found = {}
    for name, (question, calls) in QUESTIONS.items():
        answers = [await asker.ask(question, ids[0]) for asker in askers.values()]
        assert all(answer == answers[0] for answer in answers)
        taken: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for kind, asker in askers.items():
                repeats = max(1, 20 // calls)
                taken[kind].append(await asker.microseconds(question, ids, repeats))
        found[name] = [statistics.median(taken[kind]) for kind in kinds]
    return found


async def measure(
    kinds: list[str], rounds: int, customers: int = CUSTOMERS
) -> dict[str, list[float]]:
    """Record bodies, serve them from another process, and compare."""
    with tempfile.TemporaryDirectory() as name:
        ids = await record(Path(name), customers)
        add_offers(Path(name))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with process("benches.static_upstream", name, str(port), "0"):
            await until_ready(f"{url}/count")
            return await compare(kinds, rounds, url, ids)


def main() -> None:
    """Measure as told and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--transports", type=lambda text: text.split(","), default=["asyncio", "pyreqwest"]
    )
    options = parser.parse_args()
    found = uvloop.run(measure(options.transports, options.rounds))
    print(f"{'µs CPU a question':20}", *(f"{kind:>12}" for kind in options.transports))
    for name, medians in found.items():
        print(f"{name:20}", *(f"{median:12.0f}" for median in medians))


if __name__ == "__main__":
    main()
