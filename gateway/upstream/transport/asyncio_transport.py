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
    ConnectFailed,
    ConnectionLost,
    OutgoingRequest,
    RawHeaders,
    ResponseTimeout,
    UpstreamResponse,
)
from gateway.upstream.transport.http1.connection import Http1Connection, RawResponse
from gateway.upstream.transport.http1.pool import ConnectionPool
from gateway.upstream.transport.http1.request_serializer import (
    SerializedRequest,
    UnsendableRequest,
    serialize_request,
)
from gateway.upstream.transport.response_body import decode_body

# A server may close an idle connection at any time. A GET is sent again; the outcome of a write
# would be unknown, so a write gets no connection that has been idle for longer.
_MAX_IDLE_S_FOR_WRITES: Final = 1.0


class AsyncioTransport:
    """A pool of connections on the loop that `send` is called on.

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
        self._pool = ConnectionPool(create_tls_context, max_response_bytes, monotonic)
        self._timeouts = SharedTimeouts()

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        try:
            head = serialize_request(request)
        except UnsendableRequest:
            raise ConnectFailed("the URL or a header is malformed") from None
        deadline = asyncio.get_running_loop().time() + request.timeout_s
        is_get = request.method == "GET"
        kept = self._pool.take_idle(head.origin, math.inf if is_get else _MAX_IDLE_S_FOR_WRITES)
        if kept is None:
            return await self._send_on_new_connection(head, request, deadline)
        try:
            return await self._exchange(kept, head, request, deadline)
        except ConnectionLost:
            if not is_get or kept.has_response_begun:
                raise
            return await self._send_on_new_connection(head, request, deadline)

    async def aclose(self) -> None:
        self._pool.close()

    async def _send_on_new_connection(
        self, head: SerializedRequest, request: OutgoingRequest, deadline: float
    ) -> UpstreamResponse:
        left_s = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(left_s, self._connect_timeout_s)):
                connection = await self._pool.connect(head.origin)
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
        done = connection.exchange(head.request)
        self._timeouts.add(done, deadline, partial(_response_timeout, request))
        try:
            raw = await done
        except ResponseTimeout:
            self._pool.discard(connection)
            unsuccessful = connection.take_unsuccessful_response()
            if unsuccessful is None:
                raise
            return self._build_response(unsuccessful)
        except BaseException:
            self._pool.discard(connection)
            raise
        finally:
            self._timeouts.remove(done)
        self._pool.put_back(head.origin, connection)
        return self._build_response(raw)

    def _build_response(self, raw: RawResponse) -> UpstreamResponse:
        parts = raw.body
        body = decode_body(
            raw.status,
            b"".join(parts) if len(parts) != 1 else bytes(parts[0]),
            encoding=raw.encoding.decode("latin-1"),
            content_type=raw.content_type.decode("latin-1"),
            max_bytes=self._max_response_bytes,
        )
        return UpstreamResponse(raw.status, RawHeaders(raw.headers), body)


def _response_timeout(request: OutgoingRequest) -> ResponseTimeout:
    return ResponseTimeout(f"no complete response within {request.timeout_s:.1f} s")
