"""Draws a flame graph of the gateway for each query, and reports the share of each layer.

    python -m benches.flame_graphs [--py-spy py-spy] [--folder flames] [--seconds 4]

py-spy is not among the locked packages: run `pip install py-spy` in another environment, and pass
its path. A sample counts for the innermost layer in its stack, which includes the libraries that
the layer calls.
"""

import asyncio
import collections
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from benches.cores import assign_cores, pinned_to
from benches.load import run_load
from benches.queries import QUERIES, SUBSCRIPTIONS
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import MeasuredServer, run_gateway, run_upstream
from benches.throughput import CUSTOMERS, UNCACHED
from benches.upstream_bodies import record_upstream

CONNECTIONS: Final = 16
SAMPLES_PER_S: Final = 100
# The last match in a stack is the innermost layer; py-spy prints the paths of modules.
LAYERS: Final = re.compile(
    r"\((gateway/edge|gateway/limits|gateway/engine|gateway/upstream/transport/http1|gateway/upstream"
    r"|gateway/observability|resolvers|schema|uvicorn/protocols|sqlalchemy|asyncio)/"
)


async def record_stacks(
    py_spy: str, server: MeasuredServer, requests: list[bytes], seconds: float, drawn: Path
) -> dict[str, float]:
    """Run load while py-spy draws a graph and counts stacks. Returns the shares of layers."""
    with tempfile.NamedTemporaryFile() as counted:
        spies = [
            await asyncio.create_subprocess_exec(
                *(py_spy, "record", "--nonblocking", "--format", kind, "--output", path),
                *("--rate", str(SAMPLES_PER_S), "--duration", str(round(seconds))),
                *("--pid", str(server.process.popen.pid)),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for kind, path in (("flamegraph", str(drawn)), ("raw", counted.name))
        ]
        await run_load(server.port, requests, CONNECTIONS, seconds + 1)
        for spy in spies:
            await spy.wait()
        return layer_shares(counted.read().decode())


def layer_shares(stacks: str) -> dict[str, float]:
    """Return the percentage of samples of the serving thread in each layer."""
    counts: collections.Counter[str] = collections.Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        if "threading.py" not in stack:
            layers = LAYERS.findall(stack)
            counts[layers[-1] if layers else "others"] += int(count)
    return {layer: 100 * count / counts.total() for layer, count in counts.items()}


def remove_paths(drawn: Path, py_spy: str) -> None:
    """Remove paths of this machine from a graph."""
    drawn.write_text(drawn.read_text().replace(py_spy, "py-spy"))


def build_report(found: dict[str, dict[str, float]]) -> BenchReport:
    """Build a row for each layer, the most expensive first."""
    layers = {layer for layered in found.values() for layer in layered}
    rows: list[dict[str, Figure]] = [
        {"layer": layer, **{name: layered.get(layer, 0.0) for name, layered in found.items()}}
        for layer in layers
    ]
    rows.sort(key=lambda row: -sum(layered.get(str(row["layer"]), 0) for layered in found.values()))
    return BenchReport("per cent of the samples of the serving thread", rows)


async def measure(py_spy: str, folder: Path, seconds: float) -> BenchReport:
    """Draw a graph for each query, and report the shares."""
    upstream = await record_upstream({SUBSCRIPTIONS: CUSTOMERS})
    found = {}
    with (
        run_upstream(upstream) as at,
        run_gateway(at, UNCACHED) as server,
        pinned_to(assign_cores()[1]),
    ):
        for question in QUERIES:
            requests = question.build_requests(upstream, server.url)
            await run_load(server.port, requests, CONNECTIONS, seconds / 4)
            drawn = folder / f"{question.name}.svg"
            found[question.name.upper()] = await record_stacks(
                py_spy, server, requests, seconds, drawn
            )
            remove_paths(drawn, py_spy)
    return build_report(found)


def main() -> None:
    """Draw as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--py-spy", default="py-spy", metavar="COMMAND")
    parser.add_argument("--folder", type=Path, default=Path("flames"))
    parser.add_argument("--seconds", type=float, default=4.0)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    publish([asyncio.run(measure(args.py_spy, args.folder, args.seconds))], args)


if __name__ == "__main__":
    main()
