"""What each hostile request costs the server, and what a well-behaved client notices of it.

The server runs as a process of its own, as `serve` configures it, so that its CPU time and its
memory are its own. The aims: less than 50 ms of CPU each, less than 5 MiB more memory, and a p99
beside them of less than twice the idle one.

    python -m benches.hostile_requests [--tries 5] [--beside 300] [--rounds 5]
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.app import create_app
from gateway.observability import logs
from gateway.server import uvicorn_runner
from gateway.server.listener import listener_url, open_listener
from gateway.settings import Settings
from tests.security.hostile_requests import HOSTILE_REQUESTS, HostileRequest, post
from tests.support.edge import STATIC
from tests.support.raw_http import exchanged

WELL_BEHAVED = post({"query": "{ __typename }"})


@contextlib.contextmanager
def served() -> Iterator[tuple[str, int]]:
    """Serve in another process; its address and its id."""
    with open_listener("127.0.0.1", 0, "nothing") as listener:
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener,))
        process.start()
        try:
            yield listener_url(listener), process.pid or 0
        finally:
            process.terminate()
            process.join()


def _serve(listener: object) -> None:
    settings = Settings.model_validate({"partner": STATIC, "profile": "production"})
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.configure("info", nowhere)
        app = create_app(settings)
        bounds = uvicorn_runner.ServerLimits(1.0, settings.limits.max_body_bytes, 60)
        uvicorn_runner.serve_draining(app, listener, bounds)  # type: ignore[arg-type]


def cpu_ms(pid: int) -> float:
    """CPU time of a process so far, to the nanosecond, as its scheduler counts it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e6


def memory_mib(pid: int) -> float:
    """The most memory it has had."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def cost(address: str, pid: int, hostile: HostileRequest, tries: int) -> tuple[float, float]:
    """Median CPU milliseconds of one, and the memory that all tries added to the peak."""
    taken, before_mib = [], memory_mib(pid)
    for _ in range(tries):
        started = cpu_ms(pid)
        await exchanged(address, hostile.raw)
        await asyncio.sleep(0.01)  # for what the server does after its answer
        taken.append(cpu_ms(pid) - started)
    return statistics.median(taken), memory_mib(pid) - before_mib


async def p99_ms(address: str, count: int) -> float:
    """The 99th of a hundred latencies of a well-behaved client."""
    latencies = []
    for _ in range(count):
        started = time.perf_counter()
        await exchanged(address, WELL_BEHAVED)
        latencies.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(latencies, n=100)[98]


async def attack(address: str) -> None:
    """Send the whole corpus over and over, one at a time, twenty in a second."""
    while True:
        for hostile in HOSTILE_REQUESTS:
            await exchanged(address, hostile.raw)
            await asyncio.sleep(0.05)


async def idle_and_attacked_ms(address: str, count: int) -> tuple[float, float]:
    """Return the p99 of a client that is alone, then that of one beside the attack."""
    idle = await p99_ms(address, count)
    attacking = asyncio.create_task(attack(address))
    attacked = await p99_ms(address, count)
    attacking.cancel()
    await asyncio.wait([attacking])
    return idle, attacked


async def measure(tries: int, beside: int, rounds: int) -> None:
    """Print the table; of the latencies the medians of all rounds, which alternate."""
    with served() as (address, pid):
        while True:
            with contextlib.suppress(OSError):
                await exchanged(address, WELL_BEHAVED)
                break
        await p99_ms(address, 100)
        pairs = [await idle_and_attacked_ms(address, beside) for _ in range(rounds)]
        idle, attacked = (statistics.median(each) for each in zip(*pairs, strict=True))
        found = [(await cost(address, pid, each, tries), each.name) for each in HOSTILE_REQUESTS]
        for (taken, grown), name in sorted(found, reverse=True):
            print(f"{taken:8.2f} ms {grown:8.2f} MiB  {name}")
        ratio = attacked / idle
        print(
            f"p99 of a well-behaved client: {idle:.2f} ms idle, {attacked:.2f} beside: {ratio:.2f}"
        )


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--beside", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(measure(options.tries, options.beside, options.rounds))


if __name__ == "__main__":
    main()
