"""The transport on the running loop: HTTP/1.1 without a client library, a few µs a call.

Every call uses a connection exclusively. A GET on a kept connection that the server has closed is
sent again, as RFC 9110 (9.2.2) allows. A request with another method may have been executed, so it
fails with `ConnectionLost`.
"""

import asyncio
import math
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import httpx

from gateway.upstream.shared_timeouts import SharedTimeouts
from gateway.upstream.transport.base import (
    DEFAULT_CONNECT_TIMEOUT_S,
    DEFAULT_MAX_RESPONSE_BYTES,
    Cancelled,
    ConnectFailed,
    ConnectionLost,
    Exchange,
    GetSender,
    HeaderPairs,
    OnDone,
    OutgoingRequest,
    RawHeaders,
    ResponseTimeout,
    StaleConnection,
    TransportError,
    UpstreamResponse,
)
from gateway.upstream.transport.http1.connection import Http1Connection, RawOutcome
from gateway.upstream.transport.http1.pool import ConnectionPool
from gateway.upstream.transport.http1.request_serializer import (
    Origin,
    SerializedRequest,
    UnsendableRequest,
    serialize_request,
)
from gateway.upstream.transport.http1.response import RawResponse
from gateway.upstream.transport.response_body import decode_body

# A server may close an idle connection at any time. A GET is sent again; the outcome of a write
# would be unknown, so a write gets no connection that has been idle for longer.
_MAX_IDLE_S_FOR_WRITES: Final = 1.0
_LINE_END: Final = "\r\n"


class AsyncioTransport:
    """Sends requests over a pool of connections, on the event loop that `send` is called on.

    Args:
        connect_timeout_s: the time for connecting, within the request's own timeout.
        max_response_bytes: the size limit of a body, before and after decompression.
        create_tls_context: called for the first TLS connection; by default it trusts certifi's
            authorities, or those of `SSL_CERT_FILE`.
        monotonic: a clock, in seconds, for idle connections.
    """

    def __init__(
        self,
        *,
        connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        create_tls_context: Callable[[], ssl.SSLContext] = httpx.create_ssl_context,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect_timeout_s = connect_timeout_s
        self._max_response_bytes = max_response_bytes
        self.pool = ConnectionPool(create_tls_context, max_response_bytes, monotonic)
        self.timeouts = SharedTimeouts()

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        try:
            head = serialize_request(request)
        except UnsendableRequest:
            raise ConnectFailed("the URL or a header is malformed") from None
        deadline = asyncio.get_running_loop().time() + request.timeout_s
        is_get = request.method == "GET"
        kept = self.pool.take_idle(head.origin, math.inf if is_get else _MAX_IDLE_S_FOR_WRITES)
        if kept is None:
            return await self._send_on_new_connection(head, request, deadline)
        try:
            return await self._exchange(kept, head, request, deadline)
        except StaleConnection as lost:
            if not is_get:
                raise ConnectionLost(*lost.args) from lost
            return await self._send_on_new_connection(head, request, deadline)

    def prepare_gets(self, base_url: str, headers: HeaderPairs) -> GetSender | None:
        try:
            return _PreparedGets(self, base_url, headers)
        except UnsendableRequest:
            return None

    async def aclose(self) -> None:
        self.pool.close()

    async def _send_on_new_connection(
        self, head: SerializedRequest, request: OutgoingRequest, deadline: float
    ) -> UpstreamResponse:
        left_s = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(left_s, self._connect_timeout_s)):
                connection = await self.pool.connect(head.origin)
        except (OSError, TimeoutError, UnicodeError) as error:  # UnicodeError: an invalid host name
            raise ConnectFailed(f"no connection: {str(error) or type(error).__name__}") from error
        return await self._exchange(connection, head, request, deadline)

    async def _exchange(
        self,
        connection: Http1Connection,
        head: SerializedRequest,
        request: OutgoingRequest,
        deadline: float,
    ) -> UpstreamResponse:
        done: asyncio.Future[UpstreamResponse | TransportError]
        done = asyncio.get_running_loop().create_future()
        on_done = partial(_resolve, done)
        exchange = _Exchange(self, connection, head.origin, request.timeout_s, on_done)
        exchange.start(head.request, deadline)
        try:
            outcome = await done
        finally:
            exchange.cancel()
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    def build_response(self, raw: RawResponse) -> UpstreamResponse | TransportError:
        """Decompress and decode a response.

        Raises `TransportError` if a successful one cannot be.
        """
        try:
            body = decode_body(
                raw.status,
                b"".join(raw.body),
                encoding=raw.encoding.decode("latin-1"),
                content_type=raw.content_type.decode("latin-1"),
                max_bytes=self._max_response_bytes,
            )
        except TransportError as error:
            return error
        return UpstreamResponse(raw.status, RawHeaders(raw.headers), body)


class _Exchange:
    """An exchange on a connection, which is put back or closed when it ends."""

    __slots__ = ("_connection", "_has_ended", "_on_done", "_origin", "_timeout_s", "_transport")

    def __init__(
        self,
        transport: AsyncioTransport,
        connection: Http1Connection,
        origin: Origin,
        timeout_s: float,
        on_done: OnDone,
    ) -> None:
        self._transport = transport
        self._connection = connection
        self._origin = origin
        self._timeout_s = timeout_s
        self._on_done = on_done
        self._has_ended = False

    def start(self, request: bytes, expires_at: float) -> None:
        self._transport.timeouts.add(self, expires_at, self._expire)
        self._connection.exchange(request, self._end)

    def cancel(self) -> None:
        if not self._has_ended:
            self._end(Cancelled())

    def _expire(self) -> None:
        self._transport.pool.discard(self._connection)
        unsuccessful = self._connection.take_unsuccessful_response()
        late = ResponseTimeout(f"no complete response within {self._timeout_s:.1f} s")
        self._end(unsuccessful or late)

    def _end(self, outcome: RawOutcome) -> None:
        self._has_ended = True
        transport = self._transport
        transport.timeouts.remove(self)
        if isinstance(outcome, TransportError):
            transport.pool.discard(self._connection)
        else:
            transport.pool.put_back(self._origin, self._connection)
            if isinstance(outcome, RawResponse):
                outcome = transport.build_response(outcome)
        self._on_done(outcome)


class _PreparedGets:
    """Implements `GetSender`. Raises `UnsendableRequest` for a malformed URL or header."""

    def __init__(self, transport: AsyncioTransport, base_url: str, headers: HeaderPairs) -> None:
        self._transport = transport
        request = OutgoingRequest("GET", f"{base_url}/", headers, None, 0.0)
        self._origin, head = serialize_request(request)
        if not head.isascii():
            raise UnsendableRequest
        start, _, rest = head.decode().partition("/ HTTP/1.1\r\n")
        self._start = start
        self._headers = f" HTTP/1.1\r\n{rest.removesuffix(_LINE_END)}"

    def send(self, path: str, headers: str, timeout_s: float, on_done: OnDone) -> Exchange | None:
        transport = self._transport
        connection = transport.pool.take_idle(self._origin, math.inf)
        if connection is None:
            return None
        request = f"{self._start}{path}{self._headers}{headers}\r\n".encode()
        exchange = _Exchange(transport, connection, self._origin, timeout_s, on_done)
        exchange.start(request, asyncio.get_running_loop().time() + timeout_s)
        return exchange


def _resolve(
    done: "asyncio.Future[UpstreamResponse | TransportError]",
    outcome: UpstreamResponse | TransportError,
) -> None:
    if not done.done():
        done.set_result(outcome)
