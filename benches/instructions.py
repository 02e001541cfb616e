"""How many instructions four questions take, which no other load on the machine changes.

    python -m benches.instructions [--seconds 20] [--questions q1,q2,q4] [--json FILE] [--markdown]

The gateway runs under valgrind's callgrind, some fifty times slower than otherwise; `valgrind` has
to be installed. Counted is what its serving thread does in user space, system calls left out. Runs
differ by one or two per cent, by how requests happen to meet, so that small steps can be told apart
where µs of CPU can't. The catalog's cache is off.
"""

import asyncio
import contextlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benches.bodies import Upstream, upstream_of
from benches.load import drive
from benches.processes import get
from benches.queries import QUESTIONS, SUBSCRIPTIONS, Question
from benches.questions import CUSTOMERS, UNCACHED
from benches.report import Figure, Report, options, publish
from benches.servers import Server, gateway, served

CONNECTIONS: Final = 16
_TOTALS: Final = re.compile(r"^(?:totals|summary): (\d+)", re.MULTILINE)
# Nothing may fail for being as slow as it is here.
_PATIENT: Final = {"limits__deadline_s": 120}


@contextlib.contextmanager
def counted(upstream: Upstream) -> Iterator[tuple[Server, Path]]:
    """Serve a gateway whose instructions are counted; yields it and where counts are written."""
    with tempfile.TemporaryDirectory() as folder, served(upstream) as at:
        counts = Path(folder) / "counts"
        valgrind = ("valgrind", "-q", "--tool=callgrind", "--separate-threads=yes")
        under = (*valgrind, "--instr-atstart=no", f"--callgrind-out-file={counts}")
        with gateway(at, {**UNCACHED, **_PATIENT}, under) as server:
            yield server, counts


async def until_ready(server: Server) -> None:
    """Wait until everything has been loaded, of which nothing tells but being asked."""
    while json.loads(await asyncio.to_thread(get, server.port, "/ready"))["status"] != "ready":  # noqa: ASYNC110
        await asyncio.sleep(1)


async def instructions(
    server: Server, counts: Path, requests: Sequence[bytes], seconds: float
) -> float:
    """Count what a request takes, after some to warm up."""
    await drive(server.port, requests, CONNECTIONS, seconds / 2)
    await control(server, "--zero")
    load = await drive(server.port, requests, CONNECTIONS, seconds)
    await control(server, "--dump")
    return total(latest(counts).read_text()) / load.requests


async def control(server: Server, what: str) -> None:
    """Tell callgrind what to do: count, forget what it counted, or write that down."""
    command = "callgrind_control", what, str(server.process.popen.pid)
    done = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await done.communicate()
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {said.decode()}")


def latest(counts: Path) -> Path:
    """Find the newest dump of the first thread, which serves; they are named `counts.N-01`."""
    dumps = counts.parent.glob(f"{counts.name}.*-01")
    return max(dumps, key=lambda path: int(path.suffix[1:].partition("-")[0]))


def total(dump: str) -> int:
    """Read the sum of a dump."""
    found = _TOTALS.findall(dump)
    if not found:
        raise ValueError("the dump of callgrind has no totals")
    return int(found[-1])


async def measure(seconds: float, questions: Sequence[Question]) -> Report:
    """Count one question after the other."""
    upstream = await upstream_of({SUBSCRIPTIONS: CUSTOMERS})
    rows: list[dict[str, Figure]] = []
    with counted(upstream) as (server, counts):
        await until_ready(server)
        await control(server, "--instr=on")
        for question in questions:
            requests = question.requests(upstream, server.url)
            taken = await instructions(server, counts, requests, seconds)
            rows.append({"question": question.name.upper(), "1,000 instructions": taken / 1000})
    return Report(f"{CONNECTIONS} connections, {seconds:g} s each", rows)


def main() -> None:
    """Count as told."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--questions", default=",".join(each.name for each in QUESTIONS))
    told = parser.parse_args()
    wanted = [each for each in QUESTIONS if each.name in told.questions.split(",")]
    publish([asyncio.run(measure(told.seconds, wanted))], told)


if __name__ == "__main__":
    main()
