"""Serves recorded bodies from a folder, and counts what it serves.

`python -m benches.static_upstream FOLDER PORT LATENCY_MS`

It runs in a process of its own, on another core than what is measured, and spends about ten µs on
a call, so it does not hold up what is measured. `index.json` names a file for a path, or for a path
with `?size=` where pages of another size differ; `/count` tells how many calls were served.
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


def answer(body: bytes | None) -> bytes:
    """Write a whole HTTP answer; without a body it is 404."""
    status = b"404 Not Found" if body is None else b"200 OK"
    return (b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b") % (
        status,
        len(body or b""),
        body or b"",
    )


class Bodies:
    """Every answer, made beforehand, and how many were asked for."""

    def __init__(self, bodies: Mapping[bytes, bytes]) -> None:
        self._answers = {target: answer(body) for target, body in bodies.items()}
        self.served = 0

    def at(self, target: bytes) -> bytes:
        """Answer a target; one that was not asked for before is looked up by its path and size."""
        self.served += 1
        if target not in self._answers:
            path, _, query = target.partition(b"?")
            size = dict(parse_qsl(query)).get(b"size", b"")
            paths = self._answers.get(path, answer(None))
            self._answers[target] = self._answers.get(b"%b?size=%b" % (path, size), paths)
        return self._answers[target]


class Connection(asyncio.Protocol):
    """Answers GETs, which may come in parts but never two at a time."""

    def __init__(self, bodies: Bodies, latency_s: float) -> None:
        self._bodies = bodies
        self._latency_s = latency_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer as soon as the head is whole, or later by the latency."""
        self._received += data
        if not self._received.endswith(_END):
            return
        target = self._received.split(b" ", 2)[1]
        self._received = b""
        if target == _COUNT:
            self._transport.write(answer(b"%d" % self._bodies.served))
        elif self._latency_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self._latency_s, self._transport.write, self._bodies.at(target))
        else:
            self._transport.write(self._bodies.at(target))


async def serve(folder: Path, port: int, latency_s: float) -> None:
    """Serve until the process is ended."""
    index = json.loads((folder / "index.json").read_text())
    bodies = Bodies({at.encode(): (folder / name).read_bytes() for at, name in index.items()})
    loop = asyncio.get_running_loop()
    connection = partial(Connection, bodies, latency_s)
    server = await loop.create_server(connection, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
