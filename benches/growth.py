"""How cost grows: Q2 with more subscriptions, Q3 with more offers.

    python -m benches.growth [--subscriptions 5,20,100,400] [--offers 30,300,3000,30000]

A customer's subscriptions are one page, whose size is one setting; offers are read in pages of up
to 300, one after another by their cursors, as one answer of the vendor may have 32 MiB. CPU is
that of the gateway for everything asked; a straight line is laid through by least squares.
"""

import asyncio
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from benches.bodies import OFFERS, Upstream, upstream_of
from benches.queries import COUNTRIES, NESTED, WIDE, requested
from benches.report import Figure, Report, options, publish
from benches.servers import Server, gateway, served, under_load

CONNECTIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Size:
    """What asking for so many of something took."""

    count: int
    cpu_us: float
    resident_mib: float


async def subscriptions(server: Server, upstream: Upstream, seconds: float) -> Sequence[Size]:
    """Ask Q2 about customers of every size."""
    found = []
    for count, ids in upstream.customer_ids.items():
        text = NESTED.text().replace("first: 100", f"first: {count}")
        requests = [requested(server.url, text, {"id": customer_id}) for customer_id in ids]
        figures = await under_load(server, requests, CONNECTIONS, seconds)
        found.append(Size(count, figures.cpu_us, figures.resident_mib))
    return found


async def offers(server: Server, counts: Sequence[int], seconds: float) -> Sequence[Size]:
    """Read so many offers page by page, every connection in a market of its own."""
    found = []
    for count in counts:
        markets = [pages_of(server, count, country) for country in COUNTRIES[:CONNECTIONS]]
        requests = [page for pages in zip(*markets, strict=True) for page in pages]
        figures = await under_load(server, requests, CONNECTIONS, seconds)
        found.append(Size(count, figures.cpu_us * len(markets[0]), figures.resident_mib))
    return found


def pages_of(server: Server, count: int, country: str) -> Sequence[bytes]:
    """Find the requests that read so many offers, by asking for where each page ends."""
    first = min(count, OFFERS)
    text = WIDE.text().replace("first: 300", f"first: {first}, after: $after")
    text = text.replace("$country: String!", "$country: String!, $after: String")
    asking = text.replace("nodes {", "pageInfo { endCursor } nodes {")
    cursors: list[str | None] = [None]
    with httpx.Client(timeout=300) as client:
        while len(cursors) * first < count:
            variables = {"country": country, "after": cursors[-1]}
            answer = client.post(server.url, json={"query": asking, "variables": variables})
            cursors.append(end_cursor(answer.content))
    return [requested(server.url, text, {"country": country, "after": at}) for at in cursors]


def end_cursor(body: bytes) -> str:
    """Read where a page ends."""
    answer: dict[str, Any] = json.loads(body)
    cursor: str = answer["data"]["offers"]["pageInfo"]["endCursor"]
    return cursor


def tables(title: str, found: Sequence[Size]) -> Report:
    """Show every size with what the line through all of them says."""
    line = statistics.linear_regression(
        [each.count for each in found], [each.cpu_us for each in found]
    )
    rows: list[dict[str, Figure]] = [
        {
            title: str(each.count),
            "µs CPU": each.cpu_us,
            "µs for each": each.cpu_us / each.count,
            "µs on the line": line.intercept + line.slope * each.count,
            "MiB": each.resident_mib,
        }
        for each in found
    ]
    return Report(f"{title}: {line.intercept:.0f} µs + {line.slope:.2f} µs for each", rows)


async def measure(
    subscription_counts: Sequence[int], offer_counts: Sequence[int], seconds: float
) -> list[Report]:
    """Ask a gateway that allows pages of the largest size."""
    smaller = [count for count in offer_counts if count < OFFERS]
    upstream = await upstream_of(
        dict.fromkeys(subscription_counts, CONNECTIONS), smaller_pages=smaller
    )
    settings = {
        "limits__max_page_size": max(OFFERS, *subscription_counts),
        "catalog__cache_ttl_s": 0,
    }
    with served(upstream) as at, gateway(at, settings) as server:
        return [
            tables("Q3, offers", await offers(server, offer_counts, seconds)),
            tables("Q2, subscriptions", await subscriptions(server, upstream, seconds)),
        ]


def counts(text: str) -> list[int]:
    """Read numbers with commas between them."""
    return [int(count) for count in text.split(",")]


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--subscriptions", type=counts, default=[5, 20, 100, 400])
    parser.add_argument("--offers", type=counts, default=[30, 300, 3000, 30000])
    parser.add_argument("--seconds", type=float, default=3.0)
    told = parser.parse_args()
    publish(asyncio.run(measure(told.subscriptions, told.offers, told.seconds)), told)


if __name__ == "__main__":
    main()
