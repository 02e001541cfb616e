"""A load generator for HTTP/1.1: each connection has one request in flight at any time.

A request costs the client about 10 µs, so one core keeps a gateway on another core busy.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

_LENGTH: Final = b"content-length:"
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The latencies of all responses, and the seconds that the load lasted."""

    latencies_s: Sequence[float]
    seconds: float

    @property
    def requests(self) -> int:
        return len(self.latencies_s)

    @property
    def median_ms(self) -> float:
        return statistics.median(self.latencies_s) * 1000


def build_post(url: str, body: bytes) -> bytes:
    """Build an HTTP request with a JSON body."""
    parts = urlsplit(url)
    return (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


class LoadConnection(asyncio.Protocol):
    """Sends requests one after another until a time, then sets the future `done`."""

    def __init__(self, requests: Iterator[bytes], end: float) -> None:
        self.latencies_s: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._end = end
        self._received = bytearray()
        self._needed_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._needed_bytes:
            self._needed_bytes = self._response_size()
        if self._needed_bytes and len(self._received) >= self._needed_bytes:
            self._record_response()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server closed a connection."))

    def close(self) -> None:
        self._transport.close()

    def _response_size(self) -> int:
        """Return the size of the response with its head; 0 until the head is complete."""
        head_end = self._received.find(_END)
        if head_end < 0:
            return 0
        head = bytes(self._received[:head_end]).lower()
        if not head.startswith(b"http/1.1 200") or _LENGTH not in head:
            raise ValueError(
                f"Expected a response 200 with a Content-Length, received {bytes(self._received)!r}"
            )
        return head_end + len(_END) + int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))

    def _record_response(self) -> None:
        now = time.perf_counter()
        if b'"errors"' in self._received:
            raise ValueError(
                f"Expected a response without errors, received {bytes(self._received[:2000])!r}"
            )
        self.latencies_s.append(now - self._sent_at)
        self._received.clear()
        self._needed_bytes = 0
        if now < self._end:
            self._send()
        elif not self.done.done():
            self.done.set_result(None)


async def run_load(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
    *,
    unique_heads: bool = False,
) -> LoadResult:
    """Keep connections busy for some seconds; each sends requests that no other one sends.

    With `unique_heads`, no head of a connection repeats, because each has a trace id of its own.
    """
    started_at = time.perf_counter()
    streams = [itertools.cycle(requests[number::connections]) for number in range(connections)]
    opened = await asyncio.gather(
        *(
            _connect(port, traced(each) if unique_heads else each, started_at + seconds)
            for each in streams
        )
    )
    try:
        await asyncio.gather(*(each.done for each in opened))
    finally:
        for each in opened:
            each.close()
    latencies_s = [latency for each in opened for latency in each.latencies_s]
    return LoadResult(latencies_s, time.perf_counter() - started_at)


def traced(requests: Iterable[bytes]) -> Iterator[bytes]:
    """Add a different `traceparent` to each request, as clients with tracing do."""
    for number, request in enumerate(requests):
        line, end, rest = request.partition(b"\r\n")
        trace = b"traceparent: 00-%032x-0000000000000001-00" % number
        yield line + end + trace + end + rest


async def _connect(port: int, requests: Iterator[bytes], end: float) -> LoadConnection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: LoadConnection(requests, end), "127.0.0.1", port
    )
    return connection
