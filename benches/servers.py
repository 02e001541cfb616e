"""The static upstream, gateways before it, and what one of these costs under load."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benches.bodies import Upstream
from benches.cores import measured_and_others, running_on
from benches.load import Load, drive
from benches.processes import Process, filled, free_port, get, module, process, until_answering


@dataclass(frozen=True, slots=True)
class StaticUpstream:
    """An upstream that is served."""

    port: int

    @property
    def url(self) -> str:
        """Its base."""
        return f"http://127.0.0.1:{self.port}"

    def served(self) -> int:
        """How many calls it has answered."""
        return int(get(self.port, "/count"))


@dataclass(frozen=True, slots=True)
class Server:
    """A gateway that is measured."""

    process: Process
    port: int
    url: str
    upstream: StaticUpstream


@dataclass(frozen=True, slots=True)
class Figures:
    """What one time under load showed."""

    load: Load
    cpu_us: float
    upstream_calls: float
    resident_mib: float


@contextlib.contextmanager
def served(upstream: Upstream, latency_ms: float = 0) -> Iterator[StaticUpstream]:
    """Serve an upstream from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        upstream.write(Path(folder))
        port = free_port()
        command = module("benches.static_upstream", folder, str(port), str(latency_ms))
        with process(command, measured_and_others()[1]) as started:
            until_answering(started, port)
            yield StaticUpstream(port)


@contextlib.contextmanager
def gateway(
    upstream: StaticUpstream, settings: Mapping[str, object], under: Sequence[str] = ()
) -> Iterator[Server]:
    """Serve this gateway with its default settings but for those given, as `part__name`.

    Args:
        under: the beginning of a command that runs the rest of it and looks on.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        told = {
            "partner__base_url": upstream.url,
            "partner__auth": "static",
            "partner__token": "bench",
            "database_url": f"sqlite:///{folder}/operations.db",
            **settings,
        }
        environ = {f"UPGRADE_GATEWAY_{name.upper()}": str(value) for name, value in told.items()}
        command = [*under, *module("gateway", "serve", "--port", str(port))]
        with process(command, measured_and_others()[0], environ) as started:
            until_answering(started, port)
            yield Server(started, port, f"http://127.0.0.1:{port}/graphql", upstream)


@contextlib.contextmanager
def other_server(upstream: StaticUpstream, command: str, url: str) -> Iterator[Server]:
    """Serve whatever a command starts; `{port}` and `{upstream}` are filled in."""
    port = free_port()
    parts = filled(command, port=port, upstream=upstream.url)
    with process(parts, measured_and_others()[0]) as started:
        until_answering(started, port)
        yield Server(started, port, url.format(port=port), upstream)


async def under_load(
    server: Server, requests: Sequence[bytes], connections: int, seconds: float
) -> Figures:
    """Keep a server busy for a time, after a fifth of it to warm up."""
    with running_on(measured_and_others()[1]):
        await drive(server.port, requests, connections, seconds / 5)
        served_before, cpu_s_before = server.upstream.served(), server.process.cpu_s()
        load = await drive(server.port, requests, connections, seconds)
        cpu_s = server.process.cpu_s() - cpu_s_before
        calls = server.upstream.served() - served_before
    return Figures(
        load, cpu_s / load.requests * 1e6, calls / load.requests, server.process.resident_mib()
    )
