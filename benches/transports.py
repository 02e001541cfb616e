"""What one upstream exchange costs in each HTTP client: `python -m benches.transports`.

22 calls are in flight, as in the nested query, each with nine headers, one of them a token of
1,500 characters. Clients take turns; figures are CPU time of this process for one exchange.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final, cast

import uvloop

from benches.nested import free_port, process, record, until_ready
from gateway.upstream import transports
from gateway.upstream.transport import OutgoingRequest, Transport

IN_FLIGHT: Final = 22
BURSTS: Final = 40
HEADERS: Final = (
    ("Authorization", f"Bearer {'t' * 1500}"),
    *((f"X-Header-{number}", "of a usual length") for number in range(8)),
)


async def microseconds(transport: Transport, url: str, bursts: int) -> float:
    """Take the CPU time of one exchange."""
    request = OutgoingRequest("GET", url, HEADERS, None, 20.0)
    begun = time.process_time()
    for _ in range(bursts):
        await asyncio.gather(*(transport.send(request) for _ in range(IN_FLIGHT)))
    return (time.process_time() - begun) / bursts / IN_FLIGHT * 1e6


async def compare(kinds: list[str], rounds: int, url: str) -> dict[str, float]:
    """Take the median of each client."""
    opened = {kind: transports.choose(cast("transports.Kind", kind)) for kind in kinds}
    taken: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, transport in opened.items():
            await microseconds(transport, url, 2)
            taken[kind].append(await microseconds(transport, url, BURSTS))
    for transport in opened.values():
        await transport.aclose()
    return {kind: statistics.median(figures) for kind, figures in taken.items()}


async def measure(kinds: list[str], rounds: int) -> dict[str, float]:
    """Record a body, serve it from another process, and compare."""
    with tempfile.TemporaryDirectory() as name:
        await record(Path(name), 1)
        paths = json.loads((Path(name) / "index.json").read_text())
        port = free_port()
        origin = f"http://127.0.0.1:{port}"
        url = origin + next(path for path in paths if path.endswith("/upgrades"))
        with process("benches.static_upstream", name, str(port), "0"):
            await until_ready(f"{origin}/count")
            return await compare(kinds, rounds, url)


def main() -> None:
    """Measure as told and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    kinds = ["asyncio", "pyreqwest"]
    parser.add_argument("--transports", type=lambda text: text.split(","), default=kinds)
    options = parser.parse_args()
    for kind, median in uvloop.run(measure(options.transports, options.rounds)).items():
        print(f"{kind:10}{median:8.1f} µs CPU a call")


if __name__ == "__main__":
    main()
