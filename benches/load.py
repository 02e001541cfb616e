"""Load over HTTP/1.1: so many connections, each with one request under way at any time.

A request costs the client about ten µs, so one core keeps a gateway on another one busy.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

_LENGTH: Final = b"content-length:"
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What was answered in a time."""

    latencies_s: Sequence[float]
    seconds: float

    @property
    def requests(self) -> int:
        """How many were answered."""
        return len(self.latencies_s)

    @property
    def median_ms(self) -> float:
        """The median latency."""
        return statistics.median(self.latencies_s) * 1000


def post(url: str, body: bytes) -> bytes:
    """Write a whole HTTP request."""
    parts = urlsplit(url)
    return (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


class Connection(asyncio.Protocol):
    """Sends requests one after another until the end; `done` is set then."""

    def __init__(self, requests: Iterator[bytes], end: float) -> None:
        self.latencies_s: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._end = end
        self._received = bytearray()
        self._needed_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Send the next as soon as an answer is whole."""
        self._received += data
        if not self._needed_bytes:
            self._needed_bytes = self._size()
        if self._needed_bytes and len(self._received) >= self._needed_bytes:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless everything was answered."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("The server closed a connection"))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _size(self) -> int:
        """Tell the size of the answer with its head, 0 while that is not known."""
        head_end = self._received.find(_END)
        if head_end < 0:
            return 0
        head = bytes(self._received[:head_end]).lower()
        if not head.startswith(b"http/1.1 200") or _LENGTH not in head:
            raise ValueError(f"expected a 200 with a length, got {bytes(self._received)!r}")
        return head_end + len(_END) + int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))

    def _answered(self) -> None:
        now = time.perf_counter()
        if b'"errors"' in self._received:
            raise ValueError(f"expected no errors, got {bytes(self._received[:2000])!r}")
        self.latencies_s.append(now - self._sent_at)
        self._received.clear()
        self._needed_bytes = 0
        if now < self._end:
            self._send()
        elif not self.done.done():
            self.done.set_result(None)


async def drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Keep connections busy for a time, each with requests that no other one sends."""
    begun = time.perf_counter()
    opened = await asyncio.gather(
        *(
            _connection(port, requests[number::connections], begun + seconds)
            for number in range(connections)
        )
    )
    try:
        await asyncio.gather(*(each.done for each in opened))
    finally:
        for each in opened:
            each.close()
    latencies_s = [latency for each in opened for latency in each.latencies_s]
    return Load(latencies_s, time.perf_counter() - begun)


async def _connection(port: int, requests: Sequence[bytes], end: float) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(itertools.cycle(requests), end), "127.0.0.1", port
    )
    return connection
