"""A connection, with one exchange at a time."""

import asyncio
from typing import Final, cast

import httptools

from gateway.upstream.transport.base import (
    ConnectionLost,
    IncompleteResponse,
    ResponseTooLarge,
    TransportError,
    is_unsuccessful,
)

# For heads, trailers, chunk extensions and informational responses: reads without body bytes.
_MAX_HEAD_BYTES: Final = 64 * 1024
# Shorter parts are joined at once: a list of small parts takes many times their size.
_SHORT_PART_BYTES: Final = 1024
_FIRST_FINAL_STATUS: Final = 200
_DELIMITERS: Final = frozenset({b"content-length", b"transfer-encoding"})


class RawResponse:
    """A response as far as it has been read.

    Attributes:
        status: 0 until the head has been read.
        encoding: the first `Content-Encoding`, or empty.
        content_type: the first `Content-Type`, or empty.
        is_delimited: whether a length or chunks mark its end; else the connection does.
    """

    __slots__ = ("body", "content_type", "encoding", "headers", "is_delimited", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.encoding = b""
        self.content_type = b""
        self.body: list[bytes | bytearray] = []
        self.is_delimited = False


class Http1Connection(asyncio.Protocol):
    """Writes a request and reads its response. Invalid data closes the connection.

    Attributes:
        is_open: another exchange may start.
        has_response_begun: something of the current response has arrived.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, max_response_bytes: int) -> None:
        self.is_open = False
        self.has_response_begun = False
        self._loop = loop
        self._max_response_bytes = max_response_bytes
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[RawResponse] | None = None
        self._response = RawResponse()
        self._received_bytes = self._head_bytes = self._body_bytes = 0

    def exchange(self, request: bytes) -> "asyncio.Future[RawResponse]":
        """Send a request. The future ends with its response or a `TransportError`."""
        self.has_response_begun = False
        self._received_bytes = self._head_bytes = self._body_bytes = 0
        self._waiter = self._loop.create_future()
        self._transport.write(request)
        return self._waiter

    def abort(self) -> None:
        """Close at once, without failing an exchange."""
        self.is_open = False
        self._waiter = None
        self._transport.abort()

    def close(self) -> None:
        """Close, and fail an exchange in progress."""
        self._fail_broken("the gateway is stopping")

    # Callbacks of asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            self.abort()
            return
        self.has_response_begun = True
        body_bytes = self._body_bytes
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail_broken("it is not valid HTTP")
            return
        if self._waiter is not None:
            self._enforce_limits(len(data), is_body=self._body_bytes > body_bytes)

    def _enforce_limits(self, received_bytes: int, *, is_body: bool) -> None:
        """Fail if the response is too large. All received bytes count, framing included."""
        self._received_bytes += received_bytes
        if self._received_bytes > self._max_response_bytes + _MAX_HEAD_BYTES:
            self._fail(ResponseTooLarge(f"more than {self._max_response_bytes} bytes"))
        elif not is_body:
            self._head_bytes += received_bytes
            if self._head_bytes > _MAX_HEAD_BYTES:
                self._fail(ResponseTooLarge(f"a head of more than {_MAX_HEAD_BYTES} bytes"))

    def connection_lost(self, error: Exception | None) -> None:
        """A response without a length ends here; any other is incomplete."""
        self.is_open = False
        if self._waiter is None:
            return
        response = self._response
        if error is None and response.status and not response.is_delimited:
            self._finish()
            return
        self._fail_broken("closed" if error is None else str(error) or type(error).__name__)

    # Callbacks of the parser.

    def on_message_begin(self) -> None:
        if self._waiter is None:
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._response.status:
            return  # a trailer, which does not concern the body
        self._response.headers.append((name, value))
        normalized = name.lower()
        if normalized in _DELIMITERS:
            self._response.is_delimited = True
        elif normalized == b"content-encoding" and not self._response.encoding:
            self._response.encoding = value
        elif normalized == b"content-type" and not self._response.content_type:
            self._response.content_type = value

    def on_headers_complete(self) -> None:
        self._response.status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        self._body_bytes += len(part)
        if self._body_bytes > self._max_response_bytes:
            self._fail(ResponseTooLarge(f"more than {self._max_response_bytes} bytes"))
            return
        parts = self._response.body
        if not parts or len(part) >= _SHORT_PART_BYTES:
            parts.append(part)
        elif isinstance(parts[-1], bytearray):
            parts[-1] += part
        else:
            parts.append(bytearray(part))

    def on_message_complete(self) -> None:
        if self._response.status < _FIRST_FINAL_STATUS:
            self._response = RawResponse()
            return
        if not self._parser.should_keep_alive():
            self.is_open = False
        self._finish()

    def _finish(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(self._response)
        self._response = RawResponse()
        if not self.is_open:
            self._transport.close()

    def _fail_broken(self, reason: str) -> None:
        if self._response.status:
            self._fail(IncompleteResponse(f"the response broke off: {reason}"))
        else:
            self._fail(ConnectionLost(f"the connection broke before a response: {reason}"))

    def take_unsuccessful_response(self) -> RawResponse | None:
        """Return the response without its body if its status is not 2xx."""
        if not is_unsuccessful(self._response.status):
            return None
        self._response.body.clear()
        self._response.encoding = b""
        return self._response

    def _fail(self, error: TransportError) -> None:
        waiter = self._waiter
        self.abort()
        if waiter is None or waiter.done():
            return
        unsuccessful = self.take_unsuccessful_response()
        if unsuccessful is None:
            waiter.set_exception(error)
        else:
            waiter.set_result(unsuccessful)
