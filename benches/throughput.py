"""Measures CPU, throughput and latency of four queries, optionally beside another server.

    python -m benches.throughput [--seconds 3] [--rounds 3] [--json FILE] [--markdown]
    python -m benches.throughput --against-command 'env PARTNER={upstream} node other.js {port}' \
        --against-url 'http://127.0.0.1:{port}/graphql' [--against-queries FOLDER]

The upstream serves recorded bodies from its own process, on another core than the gateway if there
are two. All servers take turns with the same requests over the same number of connections. Figures
are medians of all rounds; CPU is that of all threads of the server's processes. `unique heads` is
CPU too, where each request has a trace id of its own, so that no head repeats. The gateway has its
default settings except for pages of up to 300. In its first row the catalog is not cached, so that
all servers make the same calls; in the second row it is, which is the default. `{upstream}` is the
base URL of the upstream; `FOLDER` has q1 to q4 in the language of the other server.
"""

import argparse
import asyncio
import contextlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from benches.queries import HERE, QUERIES, SUBSCRIPTIONS
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import LoadFigures, measure_load, run_gateway, run_other_server, run_upstream
from benches.upstream_bodies import record_upstream

LARGE_PAGES: Final = {"limits__max_page_size": 300}
UNCACHED: Final = {**LARGE_PAGES, "catalog__cache_ttl_s": 0}
CUSTOMERS: Final = 32

Case: TypeAlias = tuple[str, str, bool]
"""The names of query and server, and whether no request head repeats."""


@dataclass(frozen=True, slots=True)
class OtherServer:
    """Another server: its command, its URL, and the folder of its queries."""

    command: str
    url: str
    queries: Path = HERE


async def measure(
    seconds: float, rounds: int, connections: int, other: OtherServer | None = None
) -> BenchReport:
    upstream = await record_upstream({SUBSCRIPTIONS: CUSTOMERS})
    with contextlib.ExitStack() as stack:
        at = stack.enter_context(run_upstream(upstream))
        servers = {
            "gateway": (stack.enter_context(run_gateway(at, UNCACHED)), HERE),
            "catalog cached": (stack.enter_context(run_gateway(at, LARGE_PAGES)), HERE),
        }
        if other is not None:
            server = stack.enter_context(run_other_server(at, other.command, other.url))
            servers["other"] = (server, other.queries)
        found: dict[Case, list[LoadFigures]] = {}
        for _ in range(rounds):
            for question in QUERIES:
                for name, (server, folder) in servers.items():
                    requests = question.build_requests(upstream, server.url, folder)
                    for unique in (False, True):
                        figures = await measure_load(
                            server, requests, connections, seconds, unique_heads=unique
                        )
                        found.setdefault((question.name, name, unique), []).append(figures)
    title = f"{connections} connections, medians of {rounds} rounds of {seconds:g} s"
    return BenchReport(title, rows(found, compared=other is not None))


def rows(found: Mapping[Case, Sequence[LoadFigures]], *, compared: bool) -> list[dict[str, Figure]]:
    """Build rows of medians; `CPU / other` is the ratio to the other server."""
    cpu_us = {case: statistics.median(each.cpu_us for each in found[case]) for case in found}
    lines: list[dict[str, Figure]] = []
    for (question, server, unique_heads), figures in found.items():
        if unique_heads:
            continue
        line: dict[str, Figure] = {
            "question": question.upper(),
            "server": server,
            "µs CPU a request": cpu_us[question, server, False],
            "unique heads": cpu_us[question, server, True],
            "requests/s": statistics.median(f.load.requests / f.load.seconds for f in figures),
            "median ms": statistics.median(each.load.median_ms for each in figures),
            "calls": statistics.median(each.upstream_calls for each in figures),
            "MiB": max(each.resident_mib for each in figures),
        }
        if compared:
            for name, unique in (("CPU / other", False), ("unique / other", True)):
                line[name] = cpu_us[question, server, unique] / cpu_us[question, "other", unique]
        lines.append(line)
    return lines


def parse_other_server(args: argparse.Namespace) -> OtherServer | None:
    """Return the other server of the command line, if any."""
    if args.against_command is None:
        return None
    return OtherServer(args.against_command, args.against_url, args.against_queries)


def main() -> None:
    """Measure as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--against-command", metavar="COMMAND")
    parser.add_argument("--against-url", default="http://127.0.0.1:{port}/graphql", metavar="URL")
    parser.add_argument("--against-queries", type=Path, default=HERE, metavar="FOLDER")
    args = parser.parse_args()
    report = measure(args.seconds, args.rounds, args.connections, parse_other_server(args))
    publish([asyncio.run(report)], args)


if __name__ == "__main__":
    main()
