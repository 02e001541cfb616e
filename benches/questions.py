"""What four questions cost, alone or beside another server.

    python -m benches.questions [--seconds 3] [--rounds 3] [--json FILE] [--markdown]
    python -m benches.questions --against-command 'env PARTNER={upstream} node other.js {port}' \
        --against-url 'http://127.0.0.1:{port}/graphql' [--against-queries FOLDER]

The upstream serves recorded bodies from a process of its own, on another core than the gateway's
where there are two. All servers take turns with the same requests over the same number of
connections; figures are medians of all rounds, CPU is that of the server's processes with all
threads. The gateway has its default settings, but for pages of up to 300; in its second row the
catalog is cached, which is the default, in the first it is not, so that the calls are the same for
every server. `{upstream}` is the base URL of the upstream; `FOLDER` has q1 to q4 in the other
server's words.
"""

import argparse
import asyncio
import contextlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benches.bodies import upstream_of
from benches.queries import HERE, QUESTIONS, SUBSCRIPTIONS
from benches.report import Figure, Report, options, publish
from benches.servers import Figures, gateway, other_server, served, under_load

PAGES: Final = {"limits__max_page_size": 300}
UNCACHED: Final = {**PAGES, "catalog__cache_ttl_s": 0}
CUSTOMERS: Final = 32


@dataclass(frozen=True, slots=True)
class Against:
    """Another server: its command, its address and its words."""

    command: str
    url: str
    queries: Path = HERE


async def measure(
    seconds: float, rounds: int, connections: int, against: Against | None = None
) -> Report:
    """Let all servers take turns with all questions."""
    upstream = await upstream_of({SUBSCRIPTIONS: CUSTOMERS})
    with contextlib.ExitStack() as stack:
        at = stack.enter_context(served(upstream))
        servers = {
            "gateway": (stack.enter_context(gateway(at, UNCACHED)), HERE),
            "catalog cached": (stack.enter_context(gateway(at, PAGES)), HERE),
        }
        if against is not None:
            other = stack.enter_context(other_server(at, against.command, against.url))
            servers["other"] = (other, against.queries)
        found: dict[tuple[str, str], list[Figures]] = {}
        for _ in range(rounds):
            for question in QUESTIONS:
                for name, (server, words) in servers.items():
                    requests = question.requests(upstream, server.url, words)
                    figures = await under_load(server, requests, connections, seconds)
                    found.setdefault((question.name, name), []).append(figures)
    title = f"{connections} connections, medians of {rounds} rounds of {seconds:g} s"
    return Report(title, rows(found, compared=against is not None))


def rows(
    found: Mapping[tuple[str, str], Sequence[Figures]], *, compared: bool
) -> list[dict[str, Figure]]:
    """Take medians; a ratio is that of CPU to the other server's."""
    lines: list[dict[str, Figure]] = []
    for (question, server), figures in found.items():
        cpu_us = statistics.median(each.cpu_us for each in figures)
        line: dict[str, Figure] = {
            "question": question.upper(),
            "server": server,
            "µs CPU a request": cpu_us,
            "requests/s": statistics.median(f.load.requests / f.load.seconds for f in figures),
            "median ms": statistics.median(each.load.median_ms for each in figures),
            "calls": statistics.median(each.upstream_calls for each in figures),
            "MiB": max(each.resident_mib for each in figures),
        }
        if compared:
            other = statistics.median(each.cpu_us for each in found[question, "other"])
            line["CPU / other"] = cpu_us / other
        lines.append(line)
    return lines


def against_of(told: argparse.Namespace) -> Against | None:
    """Read which other server is told of, if one is."""
    if told.against_command is None:
        return None
    return Against(told.against_command, told.against_url, told.against_queries)


def main() -> None:
    """Measure as told."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--against-command", metavar="COMMAND")
    parser.add_argument("--against-url", default="http://127.0.0.1:{port}/graphql", metavar="URL")
    parser.add_argument("--against-queries", type=Path, default=HERE, metavar="FOLDER")
    told = parser.parse_args()
    report = measure(told.seconds, told.rounds, told.connections, against_of(told))
    publish([asyncio.run(report)], told)


if __name__ == "__main__":
    main()
