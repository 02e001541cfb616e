"""Measures the latency of Q2 with an upstream latency of 20 ms, for one client and for many.

    python -m benches.latency [--latency-ms 20] [--clients 1,32] [--seconds 5] [--rounds 3]

Three calls depend on each other, so 60 ms is the minimum. `throttle.max_in_flight` is so high that
no call waits for it; by default only 32 calls of all clients run at a time.
"""

import asyncio
import statistics
from collections.abc import Sequence
from typing import Final

from benches.queries import NESTED, SUBSCRIPTIONS
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import LoadFigures, measure_load, run_gateway, run_upstream
from benches.throughput import UNCACHED
from benches.upstream_bodies import record_upstream

MAX_IN_FLIGHT: Final = 640


async def measure(
    latency_ms: float, clients: Sequence[int], seconds: float, rounds: int
) -> BenchReport:
    """Measure each number of clients in each round."""
    upstream = await record_upstream({SUBSCRIPTIONS: max(clients)})
    settings = {**UNCACHED, "throttle__max_in_flight": MAX_IN_FLIGHT}
    found: dict[int, list[LoadFigures]] = {many: [] for many in clients}
    with run_upstream(upstream, latency_ms) as at, run_gateway(at, settings) as server:
        requests = NESTED.build_requests(upstream, server.url)
        for _ in range(rounds):
            for many in clients:
                found[many].append(await measure_load(server, requests, many, seconds))
    medians = {
        many: statistics.median(each.load.median_ms for each in figures)
        for many, figures in found.items()
    }
    rows: list[dict[str, Figure]] = [
        {
            "clients": str(many),
            "median ms": median,
            "ratio to the first": median / medians[clients[0]],
            "requests/s": statistics.median(f.load.requests / f.load.seconds for f in found[many]),
            "MiB": max(each.resident_mib for each in found[many]),
        }
        for many, median in medians.items()
    ]
    return BenchReport(f"Q2, upstream {latency_ms:g} ms away, medians of {rounds} rounds", rows)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--latency-ms", type=float, default=20.0)
    parser.add_argument(
        "--clients", type=lambda text: [int(many) for many in text.split(",")], default=[1, 32]
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    report = measure(args.latency_ms, args.clients, args.seconds, args.rounds)
    publish([asyncio.run(report)], args)


if __name__ == "__main__":
    main()
