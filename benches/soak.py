"""Measures whether memory grows under full load with all four queries.

    python -m benches.soak [--seconds 600] [--samples 20]

Caches and pools fill during the first fifth of the samples, so it is not part of the slope.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Final

from benches.cores import assign_cores, pinned_to
from benches.load import run_load
from benches.queries import QUERIES, SUBSCRIPTIONS
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import MeasuredServer, run_gateway, run_upstream
from benches.throughput import LARGE_PAGES
from benches.upstream_bodies import record_upstream

CONNECTIONS: Final = 16


async def sample_memory(
    server: MeasuredServer, seconds: float, samples: int
) -> list[tuple[float, float]]:
    """Return (minute, MiB) at equal intervals."""
    started_at = time.monotonic()
    taken = []
    for number in range(1, samples + 1):
        await asyncio.sleep(started_at + number * seconds / samples - time.monotonic())
        taken.append(((time.monotonic() - started_at) / 60, server.process.resident_mib()))
    return taken


def slope(taken: Sequence[tuple[float, float]]) -> float:
    """Return the growth after the first fifth of the samples, in MiB a minute."""
    settled = taken[len(taken) // 5 :]
    return statistics.linear_regression(*zip(*settled, strict=True)).slope


async def measure(seconds: float, samples: int) -> BenchReport:
    upstream = await record_upstream({SUBSCRIPTIONS: CONNECTIONS})
    with (
        run_upstream(upstream) as at,
        run_gateway(at, LARGE_PAGES) as server,
        pinned_to(assign_cores()[1]),
    ):
        by_query = [
            question.build_requests(upstream, server.url)[:CONNECTIONS] for question in QUERIES
        ]
        requests = [request for requests in by_query for request in requests]
        load, taken = await asyncio.gather(
            run_load(server.port, requests, CONNECTIONS, seconds),
            sample_memory(server, seconds, samples),
        )
    rows: list[dict[str, Figure]] = [
        {"minute": f"{minute:.2f}", "MiB": mib} for minute, mib in taken
    ]
    title = f"{load.requests} requests in {load.seconds:.0f} s: {slope(taken):+.3f} MiB a minute"
    return BenchReport(title, rows)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--samples", type=int, default=20)
    args = parser.parse_args()
    publish([asyncio.run(measure(args.seconds, args.samples))], args)


if __name__ == "__main__":
    main()
