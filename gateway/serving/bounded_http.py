"""uvicorn's HTTP protocol, with a bound on what may come before a request is complete.

uvicorn keeps every header field that is sent, for as long as it takes. Bodies are bounded by
whoever reads them; the head of a request is read before anybody is asked, so it is bounded here.
"""

from asyncio import TimerHandle, Transport
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 64 * 1024
HEAD_WITHIN_S: Final = 10.0

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

    _is_head_open = True
    _head_bytes = 0
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Expect a head."""
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        """Count anew, for the first request or the next on a connection."""
        super().on_message_begin()
        self._is_head_open, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Let the app have the request."""
        self._is_head_open = False
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Expect the next head, where none is being answered already."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._is_head_open:
            self._is_head_open, self._head_bytes = True, 0

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what mostly comes is a whole head, which costs one comparison."""
        super().data_received(data)
        if self._is_head_open:
            self._wait_for_more(len(data))
        elif self._head_timer is not None:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_more(self, received_bytes: int) -> None:
        self._head_bytes += received_bytes
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._head_timer is None:
            self._await_head()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
