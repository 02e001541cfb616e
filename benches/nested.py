"""What the nested query costs: requests per second, CPU and upstream calls for each request.

One customer → its 20 subscriptions → the upgrades of each → their target offers, 22 upstream
calls. The sandbox's bodies are recorded first and then served as static files by a process of
their own, so that nothing of the sandbox is measured. Every connection asks about a customer of
its own: requests for one customer at the same time would share their calls. Linux only: CPU is
read from /proc.

    python -m benches.nested [--seconds 5] [--connections 16] [--transport auto] [--latency-ms 0]

With `--latency-ms 20 --connections 1` the median is to be near 60 ms: three calls in sequence.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.sandbox.app import create_sandbox
from gateway.sandbox.options import FamilyShares, SandboxOptions, ThrottleOptions
from tests.support.server import serving

QUERY = """
query Nested($id: ID!) {
  customer(id: $id) {
    id
    companyProfile { companyName }
    subscriptions(first: 100) {
      nodes {
        id friendlyName quantity status
        upgrades {
          upgradeType isEligible quantity
          targetOffer { id name description product { name unit } category { name } }
          upgradeErrors { rawCode description }
        }
      }
    }
  }
}
"""
LARGEST_ANSWER_BYTES = 16 * 1024 * 1024
# The first customers of every world have shapes of their own; those after them are alike.
HAND_SHAPED = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured over all requests of a run."""

    latencies_s: list[float]
    seconds: float
    cpu_s: float
    upstream_calls: int

    @property
    def requests(self) -> int:
        """How many were answered."""
        return len(self.latencies_s)

    def __str__(self) -> str:
        """Four figures in a row."""
        return (
            f"{self.requests / self.seconds:.0f} requests/s, "
            f"median {statistics.median(self.latencies_s) * 1000:.1f} ms, "
            f"{self.cpu_s / self.requests * 1e6:.0f} µs CPU and "
            f"{self.upstream_calls / self.requests:g} upstream calls a request "
            f"({self.requests} requests)"
        )


async def record(folder: Path, customers: int) -> list[str]:
    """Write the bodies that the query needs into a folder; return the customers' ids."""
    options = SandboxOptions(
        customers=customers + HAND_SHAPED,
        shares=FamilyShares(legacy=1.0, modern=0.0, azure=0.0),
        throttle=ThrottleOptions(enabled=False),
    )
    sandbox = create_sandbox(options)
    headers = {"Authorization": f"Bearer {sandbox.options.credentials.developer_token}"}
    index: dict[str, str] = {}
    async with serving(sandbox) as url, httpx.AsyncClient(base_url=url, headers=headers) as client:

        async def keep(path: str) -> bytes:
            body = (await client.get(path)).raise_for_status().content
            index[path] = f"{len(index)}.json"
            (folder / index[path]).write_bytes(body)
            return body

        listed = (await client.get("/v1/customers")).raise_for_status().json()["items"]
        ids = [customer["id"] for customer in listed[-customers:]]
        for customer_id in ids:
            customer = f"/v1/customers/{customer_id}"
            await keep(customer)
            subscriptions = json.loads(await keep(f"{customer}/subscriptions"))
            for subscription in subscriptions["items"]:
                await keep(f"{customer}/subscriptions/{subscription['id']}/upgrades")
    (folder / "index.json").write_text(json.dumps(index))
    return ids


@contextlib.contextmanager
def process(*command: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module until the block ends."""
    started = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait()


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_s(pid: int) -> float:
    """Read the CPU seconds a process has used, user and system, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open one kept-alive connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LARGEST_ANSWER_BYTES)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """Send one request and read its answer; a client of a few µs, not to be measured itself."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"The gateway answered {head!r}")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


def asking_about(customer_id: str) -> bytes:
    """Write the whole HTTP request for one customer."""
    body = json.dumps({"query": QUERY, "variables": {"id": customer_id}}).encode()
    return (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%s" % (len(body), body)
    )


async def drive(port: int, requests: list[bytes], seconds: float) -> tuple[list[float], float]:
    """Keep one connection for each request busy for a time; return latencies and seconds."""
    begun = time.perf_counter()
    end = begun + seconds

    async def one(request: bytes) -> list[float]:
        latencies: list[float] = []
        async with connection(port) as (reader, writer):
            while (asked := time.perf_counter()) < end or not latencies:
                body = await ask(reader, writer, request)
                if b'"errors"' in body:
                    raise RuntimeError(f"The gateway answered {body[:2000]!r}")
                latencies.append(time.perf_counter() - asked)
        return latencies

    latencies = await asyncio.gather(*map(one, requests))
    return list(itertools.chain(*latencies)), time.perf_counter() - begun


async def until_ready(url: str) -> None:
    """Ask until something answers, for ten seconds at most."""
    async with asyncio.timeout(10), httpx.AsyncClient() as client:
        while True:
            with contextlib.suppress(httpx.TransportError):
                await client.get(url)
                return
            await asyncio.sleep(0.05)


async def number_at(url: str) -> int:
    """Read the number that an address answers with."""
    async with httpx.AsyncClient() as client:
        return int((await client.get(url)).text)


async def measure(
    seconds: float, connections: int, transport: str, latency_ms: float = 0
) -> Figures:
    """Record, start both processes, warm up, measure."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as processes:
        folder = Path(name)
        customer_ids = await record(folder, connections)
        upstream_port, port = free_port(), free_port()
        processes.enter_context(
            process("benches.static_upstream", name, str(upstream_port), str(latency_ms))
        )
        gateway = processes.enter_context(
            process(
                "gateway",
                "serve",
                "--port",
                str(port),
                UPGRADE_GATEWAY_PARTNER__BASE_URL=f"http://127.0.0.1:{upstream_port}",
                UPGRADE_GATEWAY_PARTNER__AUTH="static",
                UPGRADE_GATEWAY_PARTNER__TOKEN="bench",
                UPGRADE_GATEWAY_PARTNER__TRANSPORT=transport,
            )
        )
        count_url = f"http://127.0.0.1:{upstream_port}/count"
        await until_ready(count_url)
        await until_ready(f"http://127.0.0.1:{port}/live")
        sent = [asking_about(customer_id) for customer_id in customer_ids]
        await drive(port, sent, seconds / 4)
        served, cpu = await number_at(count_url), cpu_s(gateway.pid)
        latencies_s, taken = await drive(port, sent, seconds)
        served = await number_at(count_url) - served
        return Figures(latencies_s, taken, cpu_s(gateway.pid) - cpu, served)


def main() -> None:
    """Measure as told and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument(
        "--transport", choices=["auto", "asyncio", "httpx", "pyreqwest"], default="auto"
    )
    parser.add_argument("--latency-ms", type=float, default=0.0)
    print(asyncio.run(measure(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
