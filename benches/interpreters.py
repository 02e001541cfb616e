"""Compares CPythons: the CPU time that the same requests take on each.

    python -m benches.interpreters PYTHON... [--seconds 1] [--rounds 5] [--json FILE] [--markdown]

Each PYTHON is the interpreter of an environment in which this repository is installed. All take
turns with the same requests; figures are medians of all rounds. Compare interpreters that were
built with the same options: optimizations of the build matter more than versions do.
"""

import asyncio
import contextlib
import shlex
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

from benches.queries import QUERIES, SUBSCRIPTIONS
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import (
    LoadFigures,
    MeasuredServer,
    StaticUpstream,
    measure_load,
    run_other_server,
    run_upstream,
)
from benches.throughput import CUSTOMERS
from benches.upstream_bodies import record_upstream

CONNECTIONS: Final = 16
_COMMAND: Final = (
    "env UPGRADE_GATEWAY_PARTNER__BASE_URL={{upstream}} UPGRADE_GATEWAY_PARTNER__AUTH=static"
    " UPGRADE_GATEWAY_PARTNER__TOKEN=bench UPGRADE_GATEWAY_LIMITS__MAX_PAGE_SIZE=300"
    " UPGRADE_GATEWAY_CATALOG__CACHE_TTL_S=0 UPGRADE_GATEWAY_LOG_LEVEL=error"
    " UPGRADE_GATEWAY_DATABASE_URL=sqlite:///{database} {python} -m gateway serve --port {{port}}"
)


def describe(python: str) -> str:
    """Return the interpreter's version and compiler."""
    code = "import platform as p; print(p.python_version(), p.python_compiler())"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def run_gateway_on(
    python: str, upstream: StaticUpstream, database: str
) -> AbstractContextManager[MeasuredServer]:
    command = _COMMAND.format(python=shlex.quote(python), database=database)
    return run_other_server(upstream, command, "http://127.0.0.1:{port}/graphql")


async def measure(pythons: Sequence[str], seconds: float, rounds: int) -> BenchReport:
    upstream = await record_upstream({SUBSCRIPTIONS: CUSTOMERS})
    found: dict[tuple[str, str], list[LoadFigures]] = {}
    with contextlib.ExitStack() as stack:
        at = stack.enter_context(run_upstream(upstream))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        servers = {
            python: stack.enter_context(run_gateway_on(python, at, f"{folder}/{number}.db"))
            for number, python in enumerate(pythons)
        }
        for _ in range(rounds):
            for query in QUERIES:
                for python, server in servers.items():
                    requests = query.build_requests(upstream, server.url)
                    figures = await measure_load(server, requests, CONNECTIONS, seconds)
                    found.setdefault((query.name, python), []).append(figures)
    return BenchReport(
        f"µs CPU a request, {CONNECTIONS} connections, medians of {rounds} rounds",
        [row(python, found) for python in pythons],
    )


def row(python: str, found: Mapping[tuple[str, str], Sequence[LoadFigures]]) -> dict[str, Figure]:
    medians = {
        query.name.upper(): statistics.median(each.cpu_us for each in found[query.name, python])
        for query in QUERIES
    }
    return {"CPython": describe(python), **medians}


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    publish([asyncio.run(measure(args.pythons, args.seconds, args.rounds))], args)


if __name__ == "__main__":
    main()
