"""Serves recorded bodies from a folder, and counts what it serves.

`python -m benches.static_upstream FOLDER PORT LATENCY_MS`

It runs in its own process, on another core than the gateway, and needs about 10 µs for a call, so
it does not slow the gateway down. `index.json` maps each path, or path with `?size=` for pages of
another size, to a file. `/count` returns how many calls were served.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final, cast
from urllib.parse import parse_qsl

import uvloop

_END: Final = b"\r\n\r\n"
_COUNT: Final = b"/count"


def build_response(body: bytes | None) -> bytes:
    """Build an HTTP response; without a body its status is 404."""
    status = b"404 Not Found" if body is None else b"200 OK"
    return (b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b") % (
        status,
        len(body or b""),
        body or b"",
    )


class RecordedResponses:
    """All responses, built in advance.

    Attributes:
        served: how many calls were served.
    """

    def __init__(self, bodies: Mapping[bytes, bytes]) -> None:
        self._responses = {target: build_response(body) for target, body in bodies.items()}
        self.served = 0

    def respond(self, target: bytes) -> bytes:
        """Return the response for a target, found by its path and page size."""
        self.served += 1
        if target not in self._responses:
            path, _, query = target.partition(b"?")
            size = dict(parse_qsl(query)).get(b"size", b"")
            paths = self._responses.get(path, build_response(None))
            self._responses[target] = self._responses.get(b"%b?size=%b" % (path, size), paths)
        return self._responses[target]


class StaticConnection(asyncio.Protocol):
    """Serves GETs, which may arrive in parts but never two at a time."""

    def __init__(self, bodies: RecordedResponses, latency_s: float) -> None:
        self._bodies = bodies
        self._latency_s = latency_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(_END):
            return
        target = self._received.split(b" ", 2)[1]
        self._received = b""
        if target == _COUNT:
            self._transport.write(build_response(b"%d" % self._bodies.served))
        elif self._latency_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self._latency_s, self._transport.write, self._bodies.respond(target))
        else:
            self._transport.write(self._bodies.respond(target))


async def serve(folder: Path, port: int, latency_s: float) -> None:
    """Serve until the process ends."""
    index = json.loads((folder / "index.json").read_text())
    bodies = RecordedResponses(
        {at.encode(): (folder / name).read_bytes() for at, name in index.items()}
    )
    loop = asyncio.get_running_loop()
    connection = partial(StaticConnection, bodies, latency_s)
    server = await loop.create_server(connection, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
