"""What the HTTP edge costs: `{ __typename }` against a raw answer and against Strawberry's view.

    python -m benches.edge [--rounds 7] [--seconds 1]

Each is served by uvicorn in a process of its own. All take turns with the same requests over the
same number of connections; figures are CPU time, medians of all turns.
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

from benches.cores import measured_and_others, running_on
from benches.load import drive, post
from benches.processes import Process, free_port, module, process, until_answering
from benches.report import Figure, Report, options, publish
from gateway.app import create_app
from gateway.observability import logs
from gateway.settings import PartnerSettings, Settings

BODY: Final = json.dumps({"query": "{ __typename }"}).encode()
ANSWER: Final = b'{"data":{"__typename":"Query"}}'
CONNECTIONS: Final = 16


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer with bytes."""
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


def edge() -> ASGIApp:
    """The gateway with its default settings."""
    logs.configure("warning")
    partner = PartnerSettings.model_validate({"auth": "static", "token": "abc"})
    return create_app(Settings(partner=partner))


def strawberry_view() -> ASGIApp:
    """Strawberry's integration with a schema of one field."""

    @strawberry.type
    class Query:
        a: int = 1

    return GraphQL[Any, Any](strawberry.Schema(Query), graphql_ide=None)


VARIANTS: Final[Mapping[str, Callable[[], ASGIApp]]] = {
    "raw ASGI": lambda: raw,
    "gateway": edge,
    "Strawberry's view": strawberry_view,
}


def serve(variant: str, port: int) -> None:
    """Serve a variant until the process is ended."""
    uvicorn.run(
        VARIANTS[variant](),
        port=port,
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="error",
        timeout_keep_alive=600,
    )


async def measure(rounds: int, seconds: float) -> Report:
    """Let all take turns, after a first turn that warms up."""
    taken: dict[str, list[float]] = {name: [] for name in VARIANTS}
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(serving(name)) for name in VARIANTS}
        with running_on(measured_and_others()[1]):
            for number in range(rounds + 1):
                for name, (server, port) in servers.items():
                    cpu_us = await cost_us(server, port, seconds)
                    if number:
                        taken[name].append(cpu_us)
    rows: list[dict[str, Figure]] = [
        {"": name, "µs CPU a request": statistics.median(costs)} for name, costs in taken.items()
    ]
    return Report(f"{{ __typename }}, medians of {rounds} rounds", rows)


@contextlib.contextmanager
def serving(variant: str) -> Iterator[tuple[Process, int]]:
    """Serve a variant from a process of its own."""
    port = free_port()
    command = module("benches.edge", "--serve", variant, "--port", str(port))
    with process(command, measured_and_others()[0]) as started:
        until_answering(started, port)
        yield started, port


async def cost_us(server: Process, port: int, seconds: float) -> float:
    """Take the CPU time of one request, in microseconds."""
    requests = [post(f"http://127.0.0.1:{port}/graphql", BODY)] * CONNECTIONS
    before = server.cpu_s()
    load = await drive(port, requests, CONNECTIONS, seconds)
    return (server.cpu_s() - before) / load.requests * 1e6


def main() -> None:
    """Measure as told, or be one of the servers."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one turn")
    parser.add_argument("--serve", choices=VARIANTS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.serve:
        serve(told.serve, told.port)
        return
    publish([asyncio.run(measure(told.rounds, told.seconds))], told)


if __name__ == "__main__":
    main()
