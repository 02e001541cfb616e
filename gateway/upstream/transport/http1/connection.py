"""A connection, with one exchange at a time."""

import asyncio
from collections.abc import Callable
from typing import Final, cast

import httptools

from gateway.upstream.transport.base import (
    ConnectionLost,
    IncompleteResponse,
    ResponseTooLarge,
    StaleConnection,
    TransportError,
    UpstreamResponse,
    is_unsuccessful,
)
from gateway.upstream.transport.http1.response import RawResponse, parse_whole_response

RawOutcome = UpstreamResponse | RawResponse | TransportError
"""A response that is parsed already, another one, or an error."""

# For heads, trailers, chunk extensions and informational responses: reads without body bytes.
_MAX_HEAD_BYTES: Final = 64 * 1024
# Shorter parts are joined at once: a list of small parts takes many times their size.
_SHORT_PART_BYTES: Final = 1024
_FIRST_FINAL_STATUS: Final = 200
_DELIMITERS: Final = frozenset({b"content-length", b"transfer-encoding"})


class _UnexpectedResponseError(Exception):
    """More than one response to a request."""


class Http1Connection(asyncio.Protocol):
    """A connection that sends one request at a time and reads its response.

    Invalid data closes the connection. A response that arrives in one piece, as most do, needs no
    parser with callbacks.

    Attributes:
        is_open: whether another request can be sent.
    """

    def __init__(self, max_response_bytes: int) -> None:
        self.is_open = False
        self._max_response_bytes = max_response_bytes
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._on_done: Callable[[RawOutcome], None] | None = None
        self._is_kept = False  # an exchange has ended on it
        self._response = RawResponse()
        self._complete: RawResponse | None = None  # until the parser has returned
        self._received_bytes = self._head_bytes = self._body_bytes = 0

    def exchange(self, request: bytes, on_done: Callable[[RawOutcome], None]) -> None:
        """Send a request. `on_done` is called once, with its response or an error."""
        self._received_bytes = self._head_bytes = self._body_bytes = 0
        self._on_done = on_done
        self._transport.write(request)

    def abort(self) -> None:
        """Close at once, without reporting an error for a request in progress."""
        self.is_open = False
        self._on_done = None
        self._transport.abort()

    def close(self) -> None:
        """Close, and report an error for a request in progress."""
        self._fail_broken("the gateway is stopping")

    # Callbacks of asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        if self._on_done is None:
            self.abort()
            return
        may_be_whole = not self._received_bytes and len(data) <= self._max_response_bytes
        whole = parse_whole_response(data) if may_be_whole else None
        if whole is None:
            self._parse(data)
        else:
            self._end(whole)

    def _parse(self, data: bytes) -> None:
        body_bytes = self._body_bytes
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.is_open = False
            if self._complete is None:
                self._received_bytes += len(data)
                self._fail_broken("it is not valid HTTP")
        complete, self._complete = self._complete, None
        if complete is not None:
            if not self.is_open:
                self._transport.close()
            self._end(complete)
        elif self._on_done is not None:
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
        """End the response if it has no length; any other response is incomplete."""
        self.is_open = False
        if self._on_done is None:
            return
        response = self._response
        if error is None and response.status and not response.is_delimited:
            self._response = RawResponse()
            self._end(response)
            return
        self._fail_broken("closed" if error is None else str(error) or type(error).__name__)

    # Callbacks of the parser.

    def on_message_begin(self) -> None:
        if self._complete is not None:
            raise _UnexpectedResponseError

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
        # It ends after the parser's return: the next exchange must not start within.
        self._complete, self._response = self._response, RawResponse()

    def _fail_broken(self, reason: str) -> None:
        if self._response.status:
            self._fail(IncompleteResponse(f"the response broke off: {reason}"))
        elif self._is_kept and not self._received_bytes:
            self._fail(StaleConnection(f"the connection broke before a response: {reason}"))
        else:
            self._fail(ConnectionLost(f"the connection broke before a response: {reason}"))

    def take_unsuccessful_response(self) -> RawResponse | None:
        """Return the response, whose body is incomplete, if its status is not 2xx; else None."""
        if not is_unsuccessful(self._response.status):
            return None
        self._response.body.clear()
        self._response.encoding = b""
        return self._response

    def _fail(self, error: TransportError) -> None:
        on_done = self._on_done
        self.abort()
        if on_done is not None:
            on_done(self.take_unsuccessful_response() or error)

    def _end(self, response: UpstreamResponse | RawResponse) -> None:
        on_done, self._on_done, self._is_kept = self._on_done, None, True
        if on_done is not None:
            on_done(response)
