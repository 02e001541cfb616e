"""The transport on HTTPX: slower, and open to any HTTPX transport (proxies, custom TLS, mocks)."""

import asyncio
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

# How many calls run at once is decided above; here connections are only kept for the next call.
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
    """Drives an HTTPX transport without its client, which would keep cookies and cost more.

    Args:
        inner: where requests go; by default a connection pool.
        proxy: URL of the proxy that the pool's connections go through.
        connect_timeout_s: how long a connection may take, if the request has that time.
        max_response_bytes: longest body that is read, counted after decompression.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        proxy: str | None = None,
        connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
    ) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(
            verify=httpx.create_ssl_context(), limits=_LIMITS, trust_env=False, proxy=proxy
        )
        self._connect_timeout_s = connect_timeout_s
        self._max_response_bytes = max_response_bytes

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
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
                    f"no complete answer within {request.timeout_s:.1f} s"
                ) from error
        return UpstreamResponse(response.status_code, _headers(response), body)

    async def aclose(self) -> None:
        """Close every connection."""
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
                f"the connection broke before an answer: {_describe(error)}"
            ) from error

    async def _read_body(self, response: httpx.Response) -> bytes:
        # As it came: HTTPX would decompress the first gzip member alone, and no `x-gzip`.
        stream, headers = cast("httpx.AsyncByteStream", response.stream), _headers(response)
        try:
            raw = await read_parts(stream, self._max_response_bytes)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise IncompleteResponse(f"the answer broke off: {_describe(error)}") from error
        finally:
            await response.aclose()
        return decode_body(
            response.status_code,
            raw,
            encoding=headers.get("Content-Encoding", ""),
            content_type=headers.get("Content-Type", ""),
            max_bytes=self._max_response_bytes,
        )


def _build_request(request: OutgoingRequest, connect_within_s: float) -> httpx.Request:
    try:
        return httpx.Request(
            request.method,
            request.url,
            headers=(*request.headers, ("Accept-Encoding", "gzip")),
            content=request.body,
            extensions={"timeout": {"connect": min(connect_within_s, request.timeout_s)}},
        )
    except (ValueError, httpx.InvalidURL):
        raise _unsendable() from None


def _headers(response: httpx.Response) -> Headers:
    return Headers(response.headers.multi_items())


def _describe(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _unsendable() -> ConnectFailed:
    # Without the library's own text, which quotes the header, and that may be the token.
    return ConnectFailed("the address or a header is malformed")
