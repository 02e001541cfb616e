"""How long Q2 takes with an upstream 20 ms away, for one client and for many.

    python -m benches.latency [--latency-ms 20] [--clients 1,32] [--seconds 5] [--rounds 3]

Three calls follow each other, so 60 ms is the floor. `throttle.max_in_flight` is set so high that
it holds nothing up: its default would let 32 of the calls of all clients go at a time.
"""

import asyncio
import statistics
from collections.abc import Sequence
from typing import Final

from benches.bodies import upstream_of
from benches.queries import NESTED, SUBSCRIPTIONS
from benches.questions import UNCACHED
from benches.report import Figure, Report, options, publish
from benches.servers import Figures, gateway, served, under_load

IN_FLIGHT: Final = 640


async def measure(latency_ms: float, clients: Sequence[int], seconds: float, rounds: int) -> Report:
    """Ask with one number of clients after the other, in each round."""
    upstream = await upstream_of({SUBSCRIPTIONS: max(clients)})
    settings = {**UNCACHED, "throttle__max_in_flight": IN_FLIGHT}
    found: dict[int, list[Figures]] = {many: [] for many in clients}
    with served(upstream, latency_ms) as at, gateway(at, settings) as server:
        requests = NESTED.requests(upstream, server.url)
        for _ in range(rounds):
            for many in clients:
                found[many].append(await under_load(server, requests, many, seconds))
    medians = {
        many: statistics.median(each.load.median_ms for each in figures)
        for many, figures in found.items()
    }
    rows: list[dict[str, Figure]] = [
        {
            "clients": str(many),
            "median ms": median,
            "to the first": median / medians[clients[0]],
            "requests/s": statistics.median(f.load.requests / f.load.seconds for f in found[many]),
            "MiB": max(each.resident_mib for each in found[many]),
        }
        for many, median in medians.items()
    ]
    return Report(f"Q2, upstream {latency_ms:g} ms away, medians of {rounds} rounds", rows)


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--latency-ms", type=float, default=20.0)
    parser.add_argument(
        "--clients", type=lambda text: [int(many) for many in text.split(",")], default=[1, 32]
    )
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    report = measure(told.latency_ms, told.clients, told.seconds, told.rounds)
    publish([asyncio.run(report)], told)


if __name__ == "__main__":
    main()
