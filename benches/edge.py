"""Compares the HTTP edge with a raw ASGI app and with Strawberry's view for `{ __typename }`.

    python -m benches.edge [--rounds 7] [--seconds 1]

uvicorn serves each of them in its own process. They take turns with the same requests over the same
number of connections. Figures are CPU time, medians of all turns.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import strawberry
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL

from benches.cores import assign_cores, pinned_to
from benches.load import build_post, run_load
from benches.processes import Process, free_port, module, process, wait_until_listening
from benches.report import BenchReport, Figure, build_parser, publish
from gateway.app import create_app
from gateway.observability import logs
from gateway.settings import PartnerSettings, Settings

BODY: Final = json.dumps({"query": "{ __typename }"}).encode()
RESPONSE: Final = b'{"data":{"__typename":"Query"}}'
CONNECTIONS: Final = 16


async def raw_app(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(RESPONSE))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": RESPONSE})


def gateway_app() -> ASGIApp:
    logs.configure("warning")
    partner = PartnerSettings.model_validate({"auth": "static", "token": "abc"})
    return create_app(Settings(partner=partner))


def strawberry_app() -> ASGIApp:
    """Return Strawberry's integration with a schema of one field."""

    @strawberry.type
    class Query:
        a: int = 1

    return GraphQL[Any, Any](strawberry.Schema(Query), graphql_ide=None)


VARIANTS: Final[Mapping[str, Callable[[], ASGIApp]]] = {
    "raw ASGI": lambda: raw_app,
    "gateway": gateway_app,
    "Strawberry's view": strawberry_app,
}


def serve(variant: str, port: int) -> None:
    """Serve a variant until the process ends."""
    uvicorn.run(
        VARIANTS[variant](),
        port=port,
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="error",
        timeout_keep_alive=600,
    )


async def measure(rounds: int, seconds: float) -> BenchReport:
    """Measure all variants in turns, after a warm-up."""
    costs_us: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(run_variant(name)) for name in VARIANTS}
        with pinned_to(assign_cores()[1]):
            for number in range(rounds + 1):
                for name, (server, port) in servers.items():
                    cpu_us = await measure_cpu_us(server, port, seconds)
                    if number:
                        costs_us[name].append(cpu_us)
    rows: list[dict[str, Figure]] = [
        {"": name, "µs CPU a request": statistics.median(costs)} for name, costs in costs_us.items()
    ]
    return BenchReport(f"{{ __typename }}, medians of {rounds} rounds", rows)


@contextlib.contextmanager
def run_variant(variant: str) -> Iterator[tuple[Process, int]]:
    """Serve a variant in its own process. Yields the process and its port."""
    port = free_port()
    command = module("benches.edge", "--serve", variant, "--port", str(port))
    with process(command, assign_cores()[0]) as started:
        wait_until_listening(started, port)
        yield started, port


async def measure_cpu_us(server: Process, port: int, seconds: float) -> float:
    """Return the CPU time of one request in microseconds."""
    requests = [build_post(f"http://127.0.0.1:{port}/graphql", BODY)] * CONNECTIONS
    before = server.cpu_s()
    load = await run_load(port, requests, CONNECTIONS, seconds)
    return (server.cpu_s() - before) / load.requests * 1e6


def main() -> None:
    """Measure as args, or be one of the servers."""
    parser = build_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one turn")
    parser.add_argument("--serve", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve, args.port)
        return
    publish([asyncio.run(measure(args.rounds, args.seconds))], args)


if __name__ == "__main__":
    main()
