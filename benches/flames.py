"""Where the time goes: a flame graph of the gateway under each question, and shares of its layers.

    python -m benches.flames [--py-spy py-spy] [--folder flames] [--seconds 4]

py-spy is not among the locked packages: `pip install py-spy` somewhere, and name it. A sample
belongs to the innermost layer that it is in; what libraries do for a layer is the layer's.
"""

import asyncio
import collections
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from benches.bodies import upstream_of
from benches.cores import measured_and_others, running_on
from benches.load import drive
from benches.queries import QUESTIONS, SUBSCRIPTIONS
from benches.questions import CUSTOMERS, UNCACHED
from benches.report import Figure, Report, options, publish
from benches.servers import Server, gateway, served

CONNECTIONS: Final = 16
SAMPLES_PER_S: Final = 100
# Of the innermost frame that matches; a path is that of a module, as py-spy writes it.
LAYERS: Final = re.compile(
    r"\((gateway/edge|gateway/limits|gateway/engine|gateway/upstream/http1|gateway/upstream"
    r"|gateway/observability|resolvers|schema|uvicorn/protocols|sqlalchemy|asyncio)/"
)


async def spied(
    py_spy: str, server: Server, requests: list[bytes], seconds: float, drawn: Path
) -> dict[str, float]:
    """Ask for a time, while one spy draws a graph and another one counts stacks."""
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
        await drive(server.port, requests, CONNECTIONS, seconds + 1)
        for spy in spies:
            await spy.wait()
        return shares(counted.read().decode())


def shares(stacks: str) -> dict[str, float]:
    """Say how many per cent of the samples of the serving thread each layer has."""
    counts: collections.Counter[str] = collections.Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        if "threading.py" not in stack:
            layers = LAYERS.findall(stack)
            counts[layers[-1] if layers else "others"] += int(count)
    return {layer: 100 * count / counts.total() for layer, count in counts.items()}


def without_machine(drawn: Path, py_spy: str) -> None:
    """Leave out of a graph where the programs are on this machine."""
    drawn.write_text(drawn.read_text().replace(py_spy, "py-spy"))


def table(found: dict[str, dict[str, float]]) -> Report:
    """Write a row for each layer, the dearest first."""
    layers = {layer for layered in found.values() for layer in layered}
    rows: list[dict[str, Figure]] = [
        {"layer": layer, **{name: layered.get(layer, 0.0) for name, layered in found.items()}}
        for layer in layers
    ]
    rows.sort(key=lambda row: -sum(layered.get(str(row["layer"]), 0) for layered in found.values()))
    return Report("per cent of the samples of the serving thread", rows)


async def measure(py_spy: str, folder: Path, seconds: float) -> Report:
    """Draw one graph for each question, and lay their shares side by side."""
    upstream = await upstream_of({SUBSCRIPTIONS: CUSTOMERS})
    found = {}
    with (
        served(upstream) as at,
        gateway(at, UNCACHED) as server,
        running_on(measured_and_others()[1]),
    ):
        for question in QUESTIONS:
            requests = question.requests(upstream, server.url)
            await drive(server.port, requests, CONNECTIONS, seconds / 4)
            drawn = folder / f"{question.name}.svg"
            found[question.name.upper()] = await spied(py_spy, server, requests, seconds, drawn)
            without_machine(drawn, py_spy)
    return table(found)


def main() -> None:
    """Draw as told."""
    parser = options(__doc__)
    parser.add_argument("--py-spy", default="py-spy", metavar="COMMAND")
    parser.add_argument("--folder", type=Path, default=Path("flames"))
    parser.add_argument("--seconds", type=float, default=4.0)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    publish([asyncio.run(measure(told.py_spy, told.folder, told.seconds))], told)


if __name__ == "__main__":
    main()
