"""The transport on HTTPX: slower; works with every HTTPX transport (proxies, custom TLS, mocks)."""

import asyncio
import ssl
from typing import Final, cast

import httpx

from gateway.upstream.transport.base import (
    DEFAULT_CONNECT_TIMEOUT_S,
    DEFAULT_MAX_RESPONSE_BYTES,
    ConnectFailed,
    ConnectionLost,
    Headers,
    IncompleteResponse,
    OutgoingRequest,
    ResponseTimeout,
    TransportError,
    UpstreamResponse,
    is_unsuccessful,
)
from gateway.upstream.transport.response_body import decode_body, read_parts

# The number of calls in flight is limited elsewhere; connections are kept for the next call.
_LIMITS: Final = httpx.Limits(
    max_connections=None, max_keepalive_connections=64, keepalive_expiry=60.0
)
_CONNECT_ERRORS: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


class HttpxTransport:
    """Sends requests with a transport of HTTPX. Its client would keep cookies and cost more.

    Args:
        inner: the HTTPX transport; by default a connection pool.
        proxy: the URL of the proxy for the default pool.
        tls_context: the TLS context of the default pool; by default it trusts certifi's
            authorities, or those of `SSL_CERT_FILE`.
        connect_timeout_s: the time for connecting, within the request's own timeout.
        max_response_bytes: the size limit of a body, before and after decompression.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        proxy: str | None = None,
        tls_context: ssl.SSLContext | None = None,
        connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(
            verify=tls_context or httpx.create_ssl_context(),
            limits=_LIMITS,
            trust_env=False,
            proxy=proxy,
        )
        self._connect_timeout_s = connect_timeout_s
        self._max_response_bytes = max_response_bytes

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(request.timeout_s):
                response = await self._send_head(request)
                body = await self._read_body(response)
        except (TimeoutError, httpx.TimeoutException, TransportError) as error:
            if response is not None and is_unsuccessful(response.status_code):
                body = b""
            elif isinstance(error, TransportError):
                raise
            else:
                raise ResponseTimeout(
                    f"no complete response within {request.timeout_s:.1f} s"
                ) from error
        return UpstreamResponse(response.status_code, _headers(response), body)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _send_head(self, request: OutgoingRequest) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(
                _build_request(request, self._connect_timeout_s)
            )
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            raise _unsendable() from None
        except _CONNECT_ERRORS as error:
            raise ConnectFailed(f"no connection: {_describe(error)}") from error
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise ConnectionLost(
                f"the connection broke before a response: {_describe(error)}"
            ) from error

    async def _read_body(self, response: httpx.Response) -> bytes:
        # Read raw: HTTPX decompresses the first gzip member only, and not `x-gzip`.
        stream, headers = cast("httpx.AsyncByteStream", response.stream), _headers(response)
        try:
            raw = await read_parts(stream, self._max_response_bytes)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise IncompleteResponse(f"the response broke off: {_describe(error)}") from error
        finally:
            await response.aclose()
        return decode_body(
            response.status_code,
            raw,
            encoding=headers.get("Content-Encoding", ""),
            content_type=headers.get("Content-Type", ""),
            max_bytes=self._max_response_bytes,
        )


def _build_request(request: OutgoingRequest, connect_timeout_s: float) -> httpx.Request:
    try:
        return httpx.Request(
            request.method,
            request.url,
            headers=(*request.headers, ("Accept-Encoding", "gzip")),
            content=request.body,
            extensions={"timeout": {"connect": min(connect_timeout_s, request.timeout_s)}},
        )
    except (ValueError, httpx.InvalidURL):
        raise _unsendable() from None


def _headers(response: httpx.Response) -> Headers:
    return Headers(response.headers.multi_items())


def _describe(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _unsendable() -> ConnectFailed:
    # Without the library's message, which contains the header, perhaps the token.
    return ConnectFailed("the URL or a header is malformed")
