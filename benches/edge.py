"""What the HTTP edge costs: `{ __typename }` against a raw answer and against Strawberry's view.

Each is served by uvicorn in a process of its own, which tells its CPU time. All take turns with
the same requests over the same number of connections; figures are medians of all turns.

    python -m benches.edge [--rounds 7] [--requests 2000]
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import strawberry
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL

from gateway.app import create_app
from gateway.observability import logs
from gateway.settings import PartnerSettings, Settings

BODY: Final = json.dumps({"query": "{ __typename }"}).encode()
ANSWER: Final = b'{"data":{"__typename":"Query"}}'
CONNECTIONS: Final = 16
REQUEST: Final = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: bench\r\n"
    b"accept: application/json\r\naccept-encoding: gzip\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
) % (len(BODY), BODY)
CPU: Final = b"GET /cpu HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


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


class TellingCPU:
    """Serves an app, and the CPU time of this process at `/cpu`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/cpu":
            await self._app(scope, receive, send)
            return
        body = b"%.6f" % time.process_time()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def serve(variant: str, port: int) -> None:
    app = TellingCPU(VARIANTS[variant]())
    uvicorn.run(
        app,
        port=port,
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="error",
        timeout_keep_alive=600,
    )


class Connection:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        while True:
            try:
                return cls(*await asyncio.open_connection("127.0.0.1", port))
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)

    async def ask(self, request: bytes) -> bytes:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]
        return await self._reader.readexactly(int(length))


async def round_of(connections: list[Connection], requests: int) -> float:
    """Return the CPU time of one request, in microseconds."""

    async def some(connection: Connection) -> None:
        for _ in range(requests // len(connections)):
            answer = await connection.ask(REQUEST)
            assert answer == ANSWER or b"__typename" in answer, answer

    before = float(await connections[0].ask(CPU))
    await asyncio.gather(*map(some, connections))
    return (float(await connections[0].ask(CPU)) - before) / requests * 1e6


async def measure(ports: Mapping[str, int], rounds: int, requests: int) -> dict[str, float]:
    opened = {
        name: [await Connection.open(port) for _ in range(CONNECTIONS)]
        for name, port in ports.items()
    }
    taken: dict[str, list[float]] = {name: [] for name in ports}
    for number in range(rounds + 1):
        for name, connections in opened.items():
            cost = await round_of(connections, requests)
            if number:  # the first warms up
                taken[name].append(cost)
    return {name: statistics.median(costs) for name, costs in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--port", type=int, default=8970)
    parser.add_argument("--serve", choices=VARIANTS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port)
        return
    ports = {name: given.port + number for number, name in enumerate(VARIANTS)}
    command = [sys.executable, "-m", "benches.edge"]
    servers = [
        subprocess.Popen([*command, "--serve", name, "--port", str(port)])
        for name, port in ports.items()
    ]
    try:
        costs = asyncio.run(measure(ports, given.rounds, given.requests))
    finally:
        for server in servers:
            server.terminate()
            server.wait()
    print(f"{'':20}{'µs CPU a request':>18}")
    for name, cost in costs.items():
        print(f"{name:20}{cost:18.0f}")
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
