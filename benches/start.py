"""How long it takes from the command to the first answer: `serve --sandbox`, and without it.

    python -m benches.start [--times 5]

The answer is that to a query which reads a customer from the sandbox; alone, the gateway answers
`{ __typename }`.
"""

import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Final

import httpx

from benches.processes import Process, free_port, module, process
from benches.report import Figure, Report, options, publish

CUSTOMERS: Final = "{ customers(first: 1) { nodes { id } } }"
STARTS: Final = {
    "serve --sandbox": (["--sandbox"], CUSTOMERS),
    "serve": ([], "{ __typename }"),
}


@contextlib.contextmanager
def started(arguments: Sequence[str], port: int) -> Iterator[Process]:
    """Start a gateway with a new database."""
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


def first_answer_s(arguments: Sequence[str], query: str) -> tuple[float, float, float]:
    """Take the seconds until a query is answered, and the CPU seconds and MiB used then."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/graphql"
    begun = time.monotonic()
    with started(arguments, port) as running, httpx.Client(timeout=300) as client:
        while time.monotonic() < begun + 60:
            with contextlib.suppress(httpx.TransportError):
                answer = client.post(url, json={"query": query})
                taken = time.monotonic() - begun
                assert "errors" not in answer.json(), answer.text
                return taken, running.cpu_s(), running.resident_mib()
            time.sleep(0.01)
    raise TimeoutError("The gateway did not answer within 60 s")


def measure(times: int) -> Report:
    """Start so many times."""
    rows: list[dict[str, Figure]] = []
    for name, (arguments, query) in STARTS.items():
        found = [first_answer_s(arguments, query) for _ in range(times)]
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
    return Report(f"start to first answer, {times} times", rows)


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--times", type=int, default=5)
    told = parser.parse_args()
    publish([measure(told.times)], told)


if __name__ == "__main__":
    main()
