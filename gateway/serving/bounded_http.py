"""uvicorn's HTTP protocol, with a bound on what may come before a request is complete.

uvicorn keeps every header field that is sent, for as long as it takes. Bodies are bounded by
whoever reads them; the head of a request is read before anybody is asked, so it is bounded here.
"""

from asyncio import TimerHandle, Transport
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024
HEAD_WITHIN_S: Final = 10.0

_END: Final = b"\r\n\r\n"
_REASON: Final = b"The head of a request has at most %d bytes; send less." % MAX_HEAD_BYTES
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\n"
    b"connection: close\r\n\r\n"
    b"%s"
) % (len(_REASON), _REASON)


class BoundedHTTP(HttpToolsProtocol):
    """Refuses a head of more than 64 KiB, and closes where none is complete within 10 s."""

    head_within_s = HEAD_WITHIN_S
    _is_head_open = True
    _head_bytes = 0
    _last_bytes = b""
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        """Count anew, for the first request or the next on a connection."""
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        """Let the app have the request."""
        self._is_head_open = False
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Expect the next head, where none is being answered already."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._is_head_open:
            self._begin_head()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what mostly comes is a whole head, which costs two comparisons."""
        if len(data) + self._head_bytes > MAX_HEAD_BYTES and not self._holds_head(data):
            self._refuse()
            return
        super().data_received(data)
        if self._is_head_open:
            self._wait_for_more(data)
        elif self._head_timer is not None:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _begin_head(self) -> None:
        self._is_head_open, self._head_bytes, self._last_bytes = True, 0, b""

    def _holds_head(self, data: bytes) -> bool:
        """Whether a head that is being read ends within its bound; a body may come behind it."""
        if not self._is_head_open:
            return True
        left = MAX_HEAD_BYTES - self._head_bytes
        return _END in self._last_bytes + data[:left]

    def _wait_for_more(self, data: bytes) -> None:
        self._head_bytes += len(data)
        self._last_bytes = data[-len(_END) + 1 :]
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse()
        elif self._head_timer is None:
            self._await_head()

    def _refuse(self) -> None:
        self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_within_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
