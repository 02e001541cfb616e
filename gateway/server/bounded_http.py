"""uvicorn's HTTP protocol, with limits on the size and duration of a request's head.

uvicorn collects header fields without any limit. Bodies are limited by the code that reads them,
but the head arrives before that code runs.
"""

from asyncio import TimerHandle, Transport
from typing import Final

from gateway.server.strict_http import StrictHTTP

MAX_HEAD_BYTES: Final = 64 * 1024
HEAD_TIMEOUT_S: Final = 10.0

_END: Final = b"\r\n\r\n"
_HEAD_REASON: Final = (
    f"The request head is larger than {MAX_HEAD_BYTES} bytes. Send fewer or shorter headers."
)
_CHUNKS_REASON: Final = (
    f"Chunk sizes, chunk extensions and trailers are larger than {MAX_HEAD_BYTES} bytes."
    " Send larger chunks."
)
_CHUNK_BYTES: Final = 16  # overhead of a chunk that is not counted


class BoundedHTTP(StrictHTTP):
    """Rejects a head of more than 64 KiB, and closes a connection whose head takes over 10 s.

    The overhead of chunked bodies is limited in the same way, because nothing else counts it.
    """

    head_timeout_s = HEAD_TIMEOUT_S
    _is_head_open = True
    _head_bytes = 0
    _last_bytes = b""
    _head_timer: TimerHandle | None = None
    _chunk_bytes = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_head_timer()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        self.end_head()
        super().on_headers_complete()

    def end_head(self) -> None:
        """Stop counting bytes until the next head begins."""
        self._is_head_open = False

    def on_chunk_header(self) -> None:
        self._chunk_bytes -= _CHUNK_BYTES

    def on_body(self, body: bytes) -> None:
        self._chunk_bytes -= len(body)
        super().on_body(body)

    def on_idle(self) -> None:
        """Start counting the next head, unless a part of it has already arrived."""
        super().on_idle()
        if not self._is_head_open:
            self._begin_head()

    def data_received(self, data: bytes) -> None:
        """Feed the parser. A head that arrives as a whole costs only a few comparisons."""
        if len(data) + self._head_bytes > MAX_HEAD_BYTES and not self._head_ends_within_limit(data):
            self.reject(431, _HEAD_REASON)
        was_chunked = self.is_chunked
        super().data_received(data)
        if self.is_chunked:
            self._count_chunks(len(data) if was_chunked else 0)
        if self._is_head_open and not self.is_rejected:
            self._count_head(data)
        elif self._head_timer is not None:
            self._stop_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def _begin_head(self) -> None:
        self._is_head_open, self._head_bytes, self._last_bytes = True, 0, b""

    def _head_ends_within_limit(self, data: bytes) -> bool:
        """Whether the head ends within the limit; a body may follow it in `data`."""
        if not self._is_head_open:
            return True
        left = MAX_HEAD_BYTES - self._head_bytes
        return _END in self._last_bytes + data[:left]

    def _count_head(self, data: bytes) -> None:
        ended = data.rfind(_END)  # the end of an earlier request, or empty lines
        self._head_bytes += len(data) - (ended + len(_END) if ended >= 0 else 0)
        self._last_bytes = data[-len(_END) + 1 :]
        if self._head_bytes > MAX_HEAD_BYTES:
            self.reject(431, _HEAD_REASON)
        elif self._head_timer is None:
            self._start_head_timer()

    def _count_chunks(self, received: int) -> None:
        """Count a chunked body, without the segment in which the head ended."""
        self._chunk_bytes = self._chunk_bytes + received if received else 0
        if self._chunk_bytes > MAX_HEAD_BYTES:
            self.reject(413, _CHUNKS_REASON)

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
