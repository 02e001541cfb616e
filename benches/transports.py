"""Measures the cost of one upstream call in each HTTP client: `python -m benches.transports`.

22 calls are in flight, as in the nested query, each with nine headers, one of them a token of
1,500 characters. Clients take turns. Figures are CPU time of this process for one call.
"""

import asyncio
import statistics
import time
from typing import Final, cast

import uvloop

from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import run_upstream
from benches.upstream_bodies import record_upstream
from gateway.server import gc_tuning
from gateway.upstream.transport.base import OutgoingRequest, Transport
from gateway.upstream.transport.factory import TransportKind, create_transport

IN_FLIGHT: Final = 22
BURSTS: Final = 40
HEADERS: Final = (
    ("Authorization", f"Bearer {'t' * 1500}"),
    *((f"X-Header-{number}", "a value of usual length") for number in range(8)),
)


async def measure_us(transport: Transport, url: str, bursts: int) -> float:
    """Return the CPU time of one call in microseconds."""
    request = OutgoingRequest("GET", url, HEADERS, None, 20.0)
    started_at = time.process_time()
    for _ in range(bursts):
        await asyncio.gather(*(transport.send(request) for _ in range(IN_FLIGHT)))
    return (time.process_time() - started_at) / bursts / IN_FLIGHT * 1e6


async def compare(kinds: list[str], rounds: int, url: str) -> dict[str, float]:
    """Return the median of each client."""
    opened = {kind: create_transport(cast("TransportKind", kind)) for kind in kinds}
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, transport in opened.items():
            await measure_us(transport, url, 2)
            taken[kind].append(await measure_us(transport, url, BURSTS))
    for transport in opened.values():
        await transport.aclose()
    return {kind: statistics.median(figures) for kind, figures in taken.items()}


async def measure(kinds: list[str], rounds: int) -> BenchReport:
    """Serve bodies from another process, and compare the clients."""
    upstream = await record_upstream({1: 1})
    path = next(path for path in upstream.targets if path.endswith("/upgrades"))
    with run_upstream(upstream) as at:
        found = await compare(kinds, rounds, at.url + path)
    rows: list[dict[str, Figure]] = [
        {"client": kind, "µs CPU a call": median} for kind, median in found.items()
    ]
    return BenchReport(f"{IN_FLIGHT} calls in flight, medians of {rounds} rounds", rows)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    kinds = ["asyncio", "httpx"]
    parser.add_argument("--transports", type=lambda text: text.split(","), default=kinds)
    args = parser.parse_args()
    gc_tuning.tune_for_serving()  # as the server does
    publish([uvloop.run(measure(args.transports, args.rounds))], args)


if __name__ == "__main__":
    main()
