"""Measures the time from the command to the first response, with and without the sandbox.

    python -m benches.startup [--times 5]

With `--sandbox` the query reads a customer from it; without, it is `{ __typename }`.
"""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Final

import httpx

from benches.processes import Process, free_port, module, process
from benches.report import BenchReport, Figure, build_parser, publish

CUSTOMERS: Final = "{ customers(first: 1) { nodes { id } } }"
STARTS: Final = {
    "serve --sandbox": (["--sandbox"], CUSTOMERS),
    "serve": ([], "{ __typename }"),
}


@contextlib.contextmanager
def run_gateway(arguments: Sequence[str], port: int) -> Iterator[Process]:
    """Run a gateway with a new database."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "UPGRADE_GATEWAY_DATABASE_URL": f"sqlite:///{folder}/operations.db",
            "UPGRADE_GATEWAY_SANDBOX__PORT": str(free_port()),
        }
        if not arguments:
            environ |= {
                "UPGRADE_GATEWAY_PARTNER__AUTH": "static",
                "UPGRADE_GATEWAY_PARTNER__TOKEN": "bench",
            }
        command = module("gateway", "serve", "--port", str(port), *arguments)
        with process(command, frozenset(), environ) as running:
            yield running


def measure_start(arguments: Sequence[str], query: str) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and MiB at the first response."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/graphql"
    started_at = time.monotonic()
    with run_gateway(arguments, port) as running, httpx.Client(timeout=300) as client:
        while time.monotonic() < started_at + 60:
            with contextlib.suppress(httpx.TransportError):
                response = client.post(url, json={"query": query})
                taken = time.monotonic() - started_at
                assert "errors" not in response.json(), response.text
                return taken, running.cpu_s(), running.resident_mib()
            time.sleep(0.01)
    raise TimeoutError("The gateway did not respond within 60 s.")


def measure(times: int) -> BenchReport:
    rows: list[dict[str, Figure]] = []
    for name, (arguments, query) in STARTS.items():
        found = [measure_start(arguments, query) for _ in range(times)]
        seconds = [each for each, _, _ in found]
        rows.append(
            {
                "command": name,
                "median s": statistics.median(seconds),
                "least s": min(seconds),
                "most s": max(seconds),
                "median CPU s": statistics.median(cpu_s for _, cpu_s, _ in found),
                "MiB": statistics.median(mib for _, _, mib in found),
            }
        )
    return BenchReport(f"start to first response, {times} times", rows)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    publish([measure(args.times)], args)


if __name__ == "__main__":
    main()
