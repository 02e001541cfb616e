"""Counts the CPU instructions of four queries; other load on the machine does not change them.

    python -m benches.instructions [--seconds 20] [--questions q1,q2,q4] [--json FILE] [--markdown]

The gateway runs under valgrind's callgrind, about fifty times slower than usual; `valgrind` must be
installed. Only the serving thread is counted, in user space, without system calls. Runs differ by
one or two per cent, which shows smaller differences than CPU time does. The catalog's cache is off.
In the second column each request has a trace id of its own, so that no request head repeats.
"""

import asyncio
import contextlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benches.load import run_load
from benches.processes import get
from benches.queries import QUERIES, SUBSCRIPTIONS, BenchQuery
from benches.report import BenchReport, Figure, build_parser, publish
from benches.servers import MeasuredServer, run_gateway, run_upstream
from benches.throughput import CUSTOMERS, UNCACHED
from benches.upstream_bodies import RecordedUpstream, record_upstream

CONNECTIONS: Final = 16
_TOTALS: Final = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# No request may exceed its deadline under valgrind.
_LONG_DEADLINE: Final = {"limits__deadline_s": 120}


@contextlib.contextmanager
def run_under_callgrind(upstream: RecordedUpstream) -> Iterator[tuple[MeasuredServer, Path]]:
    """Run a gateway under callgrind. Yields it, and the path of the dumps."""
    with tempfile.TemporaryDirectory() as folder, run_upstream(upstream) as at:
        counts = Path(folder) / "counts"
        valgrind = ("valgrind", "-q", "--tool=callgrind", "--separate-threads=yes")
        under = (*valgrind, "--instr-atstart=no", f"--callgrind-out-file={counts}")
        with run_gateway(at, {**UNCACHED, **_LONG_DEADLINE}, under) as server:
            yield server, counts


async def wait_until_ready(server: MeasuredServer) -> None:
    """Poll until the gateway is ready, so that loading is not counted."""
    while json.loads(await asyncio.to_thread(get, server.port, "/ready"))["status"] != "ready":  # noqa: ASYNC110
        await asyncio.sleep(1)


async def count_instructions(
    server: MeasuredServer,
    counts: Path,
    requests: Sequence[bytes],
    seconds: float,
    *,
    unique_heads: bool,
) -> float:
    """Return the instructions of one request, after a warm-up."""
    run = partial(run_load, server.port, requests, CONNECTIONS, unique_heads=unique_heads)
    await run(seconds / 2)
    await control(server, "--zero")
    load = await run(seconds)
    await control(server, "--dump")
    return parse_total(latest_dump(counts).read_text()) / load.requests


async def control(server: MeasuredServer, option: str) -> None:
    """Run callgrind_control with an option: start to count, reset the counts, or dump them."""
    command = "callgrind_control", option, str(server.process.popen.pid)
    done = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await done.communicate()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {output.decode()}")


def latest_dump(counts: Path) -> Path:
    """Return the newest dump of the serving thread, which is the first: `counts.N-01`."""
    dumps = counts.parent.glob(f"{counts.name}.*-01")
    return max(dumps, key=lambda path: int(path.suffix[1:].partition("-")[0]))


def parse_total(dump: str) -> int:
    found = _TOTALS.findall(dump)
    if not found:
        raise ValueError("The dump of callgrind has no totals.")
    return int(found[-1])


async def measure(seconds: float, questions: Sequence[BenchQuery]) -> BenchReport:
    upstream = await record_upstream({SUBSCRIPTIONS: CUSTOMERS})
    rows: list[dict[str, Figure]] = []
    with run_under_callgrind(upstream) as (server, counts):
        await wait_until_ready(server)
        await control(server, "--instr=on")
        for question in questions:
            requests = question.build_requests(upstream, server.url)
            row: dict[str, Figure] = {"question": question.name.upper()}
            for name, unique in (("1,000 instructions", False), ("unique heads", True)):
                taken = await count_instructions(
                    server, counts, requests, seconds, unique_heads=unique
                )
                row[name] = taken / 1000
            rows.append(row)
    return BenchReport(f"{CONNECTIONS} connections, {seconds:g} s each", rows)


def main() -> None:
    """Count as args."""
    parser = build_parser(__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--questions", default=",".join(each.name for each in QUERIES))
    args = parser.parse_args()
    wanted = [each for each in QUERIES if each.name in args.questions.split(",")]
    publish([asyncio.run(measure(args.seconds, wanted))], args)


if __name__ == "__main__":
    main()
