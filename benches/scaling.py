"""Measures how cost grows: Q2 with more subscriptions, Q3 with more offers.

    python -m benches.scaling [--subscriptions 5,20,100,400] [--offers 30,300,3000,30000]

A customer's subscriptions are read as one page. Offers are read in pages of up to 300, one after
another, because a response of the vendor may have 32 MiB. CPU is that of the gateway for all pages;
the linear fit is by least squares.
"""

import asyncio
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from benches.queries import COUNTRIES, NESTED, WIDE, build_request
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import MeasuredServer, measure_load, run_gateway, run_upstream
from benches.upstream_bodies import OFFERS, RecordedUpstream, record_upstream

CONNECTIONS: Final = 4


@dataclass(frozen=True, slots=True)
class Measurement:
    """The cost of reading `count` objects."""

    count: int
    cpu_us: float
    resident_mib: float


async def measure_subscriptions(
    server: MeasuredServer, upstream: RecordedUpstream, seconds: float
) -> Sequence[Measurement]:
    """Send Q2 for customers with each number of subscriptions."""
    found = []
    for count, ids in upstream.customer_ids.items():
        text = NESTED.text().replace("first: 100", f"first: {count}")
        requests = [build_request(server.url, text, {"id": customer_id}) for customer_id in ids]
        figures = await measure_load(server, requests, CONNECTIONS, seconds)
        found.append(Measurement(count, figures.cpu_us, figures.resident_mib))
    return found


async def measure_offers(
    server: MeasuredServer, counts: Sequence[int], seconds: float
) -> Sequence[Measurement]:
    """Read each number of offers page by page; every connection uses its own market."""
    found = []
    for count in counts:
        markets = [page_requests(server, count, country) for country in COUNTRIES[:CONNECTIONS]]
        requests = [page for pages in zip(*markets, strict=True) for page in pages]
        figures = await measure_load(server, requests, CONNECTIONS, seconds)
        found.append(Measurement(count, figures.cpu_us * len(markets[0]), figures.resident_mib))
    return found


def page_requests(server: MeasuredServer, count: int, country: str) -> Sequence[bytes]:
    """Return the requests that read this many offers, after reading the cursors of the pages."""
    first = min(count, OFFERS)
    text = WIDE.text().replace("first: 300", f"first: {first}, after: $after")
    text = text.replace("$country: String!", "$country: String!, $after: String")
    with_cursor = text.replace("nodes {", "pageInfo { endCursor } nodes {")
    cursors: list[str | None] = [None]
    with httpx.Client(timeout=300) as client:
        while len(cursors) * first < count:
            variables = {"country": country, "after": cursors[-1]}
            response = client.post(server.url, json={"query": with_cursor, "variables": variables})
            cursors.append(parse_end_cursor(response.content))
    return [build_request(server.url, text, {"country": country, "after": at}) for at in cursors]


def parse_end_cursor(body: bytes) -> str:
    response: dict[str, Any] = json.loads(body)
    cursor: str = response["data"]["offers"]["pageInfo"]["endCursor"]
    return cursor


def build_report(title: str, found: Sequence[Measurement]) -> BenchReport:
    """Build a report with the figures and the linear fit for each count."""
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
    return BenchReport(f"{title}: {line.intercept:.0f} µs + {line.slope:.2f} µs for each", rows)


async def measure(
    subscription_counts: Sequence[int], offer_counts: Sequence[int], seconds: float
) -> list[BenchReport]:
    """Measure on a gateway that allows the largest pages."""
    smaller = [count for count in offer_counts if count < OFFERS]
    upstream = await record_upstream(
        dict.fromkeys(subscription_counts, CONNECTIONS), smaller_pages=smaller
    )
    settings = {
        "limits__max_page_size": max(OFFERS, *subscription_counts),
        "catalog__cache_ttl_s": 0,
    }
    with run_upstream(upstream) as at, run_gateway(at, settings) as server:
        return [
            build_report("Q3, offers", await measure_offers(server, offer_counts, seconds)),
            build_report(
                "Q2, subscriptions", await measure_subscriptions(server, upstream, seconds)
            ),
        ]


def parse_counts(text: str) -> list[int]:
    """Parse numbers that are separated by commas."""
    return [int(count) for count in text.split(",")]


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--subscriptions", type=parse_counts, default=[5, 20, 100, 400])
    parser.add_argument("--offers", type=parse_counts, default=[30, 300, 3000, 30000])
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    publish(asyncio.run(measure(args.subscriptions, args.offers, args.seconds)), args)


if __name__ == "__main__":
    main()
