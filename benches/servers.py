"""Runs the static upstream and gateways in front of it, and measures them under load."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benches.cores import assign_cores, pinned_to
from benches.load import LoadResult, run_load
from benches.processes import (
    Process,
    fill_command,
    free_port,
    get,
    module,
    process,
    wait_until_listening,
)
from benches.upstream_bodies import RecordedUpstream


@dataclass(frozen=True, slots=True)
class StaticUpstream:
    """A running static upstream."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count_calls(self) -> int:
        """Return how many calls it has served."""
        return int(get(self.port, "/count"))


@dataclass(frozen=True, slots=True)
class MeasuredServer:
    """A running gateway, or another server, in front of an upstream."""

    process: Process
    port: int
    url: str
    upstream: StaticUpstream


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """The figures of one run under load; CPU and calls are for each request."""

    load: LoadResult
    cpu_us: float
    upstream_calls: float
    resident_mib: float


@contextlib.contextmanager
def run_upstream(upstream: RecordedUpstream, latency_ms: float = 0) -> Iterator[StaticUpstream]:
    """Serve an upstream from its own process."""
    with tempfile.TemporaryDirectory() as folder:
        upstream.write(Path(folder))
        port = free_port()
        command = module("benches.static_upstream", folder, str(port), str(latency_ms))
        with process(command, assign_cores()[1]) as started:
            wait_until_listening(started, port)
            yield StaticUpstream(port)


@contextlib.contextmanager
def run_gateway(
    upstream: StaticUpstream, settings: Mapping[str, object], under: Sequence[str] = ()
) -> Iterator[MeasuredServer]:
    """Run this gateway with default settings, except for those given as `section__name`.

    Args:
        upstream: its upstream.
        settings: the other settings.
        under: a command that runs the gateway's command, such as a profiler.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        all_settings = {
            "partner__base_url": upstream.url,
            "partner__auth": "static",
            "partner__token": "bench",
            "database_url": f"sqlite:///{folder}/operations.db",
            **settings,
        }
        environ = {
            f"UPGRADE_GATEWAY_{name.upper()}": str(value) for name, value in all_settings.items()
        }
        command = [*under, *module("gateway", "serve", "--port", str(port))]
        with process(command, assign_cores()[0], environ) as started:
            wait_until_listening(started, port)
            yield MeasuredServer(started, port, f"http://127.0.0.1:{port}/graphql", upstream)


@contextlib.contextmanager
def run_other_server(upstream: StaticUpstream, command: str, url: str) -> Iterator[MeasuredServer]:
    """Run the server that a command starts; `{port}` and `{upstream}` are replaced."""
    port = free_port()
    parts = fill_command(command, port=port, upstream=upstream.url)
    with process(parts, assign_cores()[0]) as started:
        wait_until_listening(started, port)
        yield MeasuredServer(started, port, url.format(port=port), upstream)


async def measure_load(
    server: MeasuredServer,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
    *,
    unique_heads: bool = False,
) -> LoadFigures:
    """Measure a server under load, after a warm-up of a fifth of the time."""
    with pinned_to(assign_cores()[1]):
        run = partial(run_load, server.port, requests, connections, unique_heads=unique_heads)
        await run(seconds / 5)
        served_before, cpu_s_before = server.upstream.count_calls(), server.process.cpu_s()
        load = await run(seconds)
        cpu_s = server.process.cpu_s() - cpu_s_before
        calls = server.upstream.count_calls() - served_before
    return LoadFigures(
        load, cpu_s / load.requests * 1e6, calls / load.requests, server.process.resident_mib()
    )
