"""Whether memory grows: all four questions at full load, for a time.

    python -m benches.soak [--seconds 600] [--samples 20]

The first fifth of the samples, in which caches and pools fill, is not part of the slope.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Final

from benches.bodies import upstream_of
from benches.cores import measured_and_others, running_on
from benches.load import drive
from benches.queries import QUESTIONS, SUBSCRIPTIONS
from benches.questions import PAGES
from benches.report import Figure, Report, options, publish
from benches.servers import Server, gateway, served

CONNECTIONS: Final = 16


async def sampled(server: Server, seconds: float, samples: int) -> list[tuple[float, float]]:
    """Take the memory in use at equal distances, by minutes."""
    begun = time.monotonic()
    taken = []
    for number in range(1, samples + 1):
        await asyncio.sleep(begun + number * seconds / samples - time.monotonic())
        taken.append(((time.monotonic() - begun) / 60, server.process.resident_mib()))
    return taken


def slope(taken: Sequence[tuple[float, float]]) -> float:
    """Lay a line through what was in use after the first fifth, in MiB a minute."""
    settled = taken[len(taken) // 5 :]
    return statistics.linear_regression(*zip(*settled, strict=True)).slope


async def measure(seconds: float, samples: int) -> Report:
    """Keep a gateway busy and watch it."""
    upstream = await upstream_of({SUBSCRIPTIONS: CONNECTIONS})
    with (
        served(upstream) as at,
        gateway(at, PAGES) as server,
        running_on(measured_and_others()[1]),
    ):
        asked = [question.requests(upstream, server.url)[:CONNECTIONS] for question in QUESTIONS]
        requests = [request for one_each in asked for request in one_each]
        load, taken = await asyncio.gather(
            drive(server.port, requests, CONNECTIONS, seconds), sampled(server, seconds, samples)
        )
    rows: list[dict[str, Figure]] = [
        {"minute": f"{minute:.2f}", "MiB": mib} for minute, mib in taken
    ]
    title = f"{load.requests} requests in {load.seconds:.0f} s: {slope(taken):+.3f} MiB a minute"
    return Report(title, rows)


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--samples", type=int, default=20)
    told = parser.parse_args()
    publish([asyncio.run(measure(told.seconds, told.samples))], told)


if __name__ == "__main__":
    main()
