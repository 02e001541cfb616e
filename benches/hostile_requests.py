"""Measures the cost of hostile requests, and their effect on a well-behaved client.

The server runs in its own process, configured as by `serve`. The aims are less than 50 ms of CPU
and 5 MiB of memory for each request, and a p99 latency during the attack of less than twice the
idle one.

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
from tests.support.edge_app import STATIC
from tests.support.raw_http import send_parts

WELL_BEHAVED = post({"query": "{ __typename }"})


@contextlib.contextmanager
def run_gateway() -> Iterator[tuple[str, int]]:
    """Run a gateway in another process. Yields its URL and process id."""
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


def read_cpu_ms(pid: int) -> float:
    """Return the CPU time of a process so far, as the scheduler counts it in nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e6


def read_memory_mib(pid: int) -> float:
    """Return the peak memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def measure_cost(
    address: str, pid: int, hostile: HostileRequest, tries: int
) -> tuple[float, float]:
    """Return the median CPU time in ms, and the MiB that all tries added to the peak memory."""
    taken, before_mib = [], read_memory_mib(pid)
    for _ in range(tries):
        started = read_cpu_ms(pid)
        await send_parts(address, hostile.raw)
        await asyncio.sleep(0.01)  # for what the server does after its response
        taken.append(read_cpu_ms(pid) - started)
    return statistics.median(taken), read_memory_mib(pid) - before_mib


async def measure_p99_ms(address: str, count: int) -> float:
    """Return the p99 latency of a well-behaved client."""
    latencies = []
    for _ in range(count):
        started = time.perf_counter()
        await send_parts(address, WELL_BEHAVED)
        latencies.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(latencies, n=100)[98]


async def attack(address: str) -> None:
    """Send all hostile requests again and again, 20 a second."""
    while True:
        for hostile in HOSTILE_REQUESTS:
            await send_parts(address, hostile.raw)
            await asyncio.sleep(0.05)


async def measure_idle_and_attacked_ms(address: str, count: int) -> tuple[float, float]:
    """Return the p99 latency without an attack, and during one."""
    idle = await measure_p99_ms(address, count)
    attacking = asyncio.create_task(attack(address))
    attacked = await measure_p99_ms(address, count)
    attacking.cancel()
    await asyncio.wait([attacking])
    return idle, attacked


async def measure(tries: int, beside: int, rounds: int) -> None:
    """Print the cost of each request, and the median latencies of all rounds."""
    with run_gateway() as (address, pid):
        while True:
            with contextlib.suppress(OSError):
                await send_parts(address, WELL_BEHAVED)
                break
        await measure_p99_ms(address, 100)
        pairs = [await measure_idle_and_attacked_ms(address, beside) for _ in range(rounds)]
        idle, attacked = (statistics.median(each) for each in zip(*pairs, strict=True))
        found = [
            (await measure_cost(address, pid, each, tries), each.name) for each in HOSTILE_REQUESTS
        ]
        for (taken, grown), name in sorted(found, reverse=True):
            print(f"{taken:8.2f} ms {grown:8.2f} MiB  {name}")
        ratio = attacked / idle
        print(
            f"p99 of a well-behaved client: {idle:.2f} ms idle,"
            f" {attacked:.2f} ms attacked, ratio {ratio:.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--beside", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(measure(options.tries, options.beside, options.rounds))


if __name__ == "__main__":
    main()
