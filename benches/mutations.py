"""Measures what the durable record adds to a mutation.

    python -m benches.mutations [--count 60] [--database-url URL]

The database is a new SQLite file by default. Upgrades run through the whole gateway, against a
sandbox over HTTP in the same process. They take turns with the same three upstream calls
without a record. The difference of the medians is the cost of durability for one caller, including
GraphQL; the rate is that of many callers at once.
"""

import asyncio
import time
from statistics import median

from benches.report import BenchReport, Figure, build_parser, publish
from gateway.clock import SystemClock
from gateway.observability import logs
from gateway.sandbox.options import SandboxOptions, ThrottleOptions
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.commands import PartnerCommands, UpgradeCommand
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.write_outcome import NeverSent
from schema.keys import SubscriptionKey
from schema.upgrade import UpgradeType
from tests.support.journey import Journey, journey
from tests.support.upgrades import PossibleUpgrade, find_possible_upgrades, request_upgrade
from tests.support.upstream import GraphOverUpstream, graph_at


async def upgrades_of(gateway: Journey, count: int) -> list[PossibleUpgrade]:
    """Return possible upgrades of customers that may buy."""
    not_allowed = gateway.sandbox.world.examples.without_agreement_customer_id
    found: list[PossibleUpgrade] = []
    page = await gateway.data("{ customers(first: 100) { nodes { id } } }")
    for customer in page["customers"]["nodes"]:
        if len(found) < count and customer["id"] != not_allowed:
            found += await find_possible_upgrades(gateway.client, customer["id"])
    assert len(found) >= count, f"Only {len(found)} of {count} upgrades are possible."
    return found[:count]


async def measure_without_record(graph: GraphOverUpstream, upgrade: PossibleUpgrade) -> float:
    """Check and send an upgrade without a record. Returns the seconds it takes."""
    started_at = time.perf_counter()
    deadline = SystemClock().monotonic() + 30
    scope = RequestScope("partner", "correlation", deadline, CallBudget(10))
    key = SubscriptionKey(upgrade.customer_id, upgrade.subscription_id)
    directory = PartnerDirectory(graph._client, scope, CatalogCaches(0, 0, 0, time.perf_counter))
    await directory.subscriptions(upgrade.customer_id)
    await directory.upgrades(key)
    commands = PartnerCommands(graph._client, scope, f"{started_at}")
    order = UpgradeCommand(key, upgrade.target_offer_id, UpgradeType.UPGRADE_ONLY, 1)
    prepared = await commands.prepare_upgrade(order)
    assert not isinstance(prepared, NeverSent)
    await prepared.send()
    return time.perf_counter() - started_at


async def measure_with_record(gateway: Journey, upgrade: PossibleUpgrade, number: int) -> float:
    """Send an upgrade through the gateway. Returns the seconds it takes."""
    started_at = time.perf_counter()
    payload = await request_upgrade(gateway.client, upgrade.input(f"alone-{number}"), short=True)
    taken_s = time.perf_counter() - started_at
    assert payload["operation"]["state"] == "DONE", payload
    return taken_s


async def measure_rate(gateway: Journey, upgrades: list[PossibleUpgrade]) -> float:
    """Send all upgrades at once. Returns upgrades a second."""
    started_at = time.perf_counter()
    await asyncio.gather(
        *(
            request_upgrade(gateway.client, upgrade.input(f"many-{number}"), short=True)
            for number, upgrade in enumerate(upgrades)
        )
    )
    return len(upgrades) / (time.perf_counter() - started_at)


async def measure(count: int, url: str = "") -> BenchReport:
    """Perform `count` upgrades with and without a record; `url` is that of the database."""
    options = SandboxOptions(customers=60, throttle=ThrottleOptions(enabled=False))
    settings = {"database_url": url} if url else {}
    without: list[float] = []
    alone: list[float] = []
    async with journey(options, settings) as gateway:
        upgrades = await upgrades_of(gateway, 3 * count)
        async with graph_at(gateway.sandbox_url) as graph:
            for number, upgrade in enumerate(upgrades[:count]):
                without.append(await measure_without_record(graph, upgrade))
                alone.append(await measure_with_record(gateway, upgrades[count + number], number))
        many = await measure_rate(gateway, upgrades[2 * count :])
    bare_ms, durable_ms = 1000 * median(without), 1000 * median(alone)
    row: dict[str, Figure] = {
        "store": url.partition(":")[0] or "sqlite",
        "ms without a record": bare_ms,
        "ms with it": durable_ms,
        "ms added": durable_ms - bare_ms,
        "upgrades/s at once": many,
    }
    return BenchReport(f"{count} upgrades each way, GraphQL included, medians", [row])


def main() -> None:
    """Measure as args."""
    logs.configure("warning")
    parser = build_parser(__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--database-url", default="")
    args = parser.parse_args()
    publish([asyncio.run(measure(args.count, args.database_url))], args)


if __name__ == "__main__":
    main()
