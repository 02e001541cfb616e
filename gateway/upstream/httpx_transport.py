"""The transport on HTTPX: slower, and open to any HTTPX transport (proxies, custom TLS, mocks)."""

import asyncio
from typing import Final, cast

import httpx

from gateway.upstream.response_body import decode_body, read_parts
from gateway.upstream.transport import (
    DEFAULT_CONNECT_WITHIN_S,
    DEFAULT_MAX_ANSWER_BYTES,
    Answer,
    AnswerLost,
    AnswerTimedOut,
    AnswerTruncated,
    Headers,
    NotSent,
    OutgoingRequest,
    TransportFailure,
    is_refusal,
)

# How many calls run at once is decided above; here connections are only kept for the next call.
_LIMITS: Final = httpx.Limits(
    max_connections=None, max_keepalive_connections=64, keepalive_expiry=60.0
)
_NEVER_SENT: Final = (
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
        connect_within_s: how long a connection may take, if the request has that time.
        max_answer_bytes: longest body that is read, counted after decompression.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        proxy: str | None = None,
        connect_within_s: float = DEFAULT_CONNECT_WITHIN_S,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(
            verify=httpx.create_ssl_context(), limits=_LIMITS, trust_env=False, proxy=proxy
        )
        self._connect_within_s = connect_within_s
        self._max_answer_bytes = max_answer_bytes

    async def send(self, request: OutgoingRequest) -> Answer:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(request.timeout_s):
                response = await self._head(request)
                body = await self._body(response)
        except (TimeoutError, httpx.TimeoutException, TransportFailure) as error:
            if response is not None and is_refusal(response.status_code):
                body = b""
            elif isinstance(error, TransportFailure):
                raise
            else:
                raise AnswerTimedOut(
                    f"no complete answer within {request.timeout_s:.1f} s"
                ) from error
        return Answer(response.status_code, _headers(response), body)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()

    async def _head(self, request: OutgoingRequest) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(
                _outgoing(request, self._connect_within_s)
            )
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
            raise _malformed() from None
        except _NEVER_SENT as error:
            raise NotSent(f"no connection: {_reason(error)}") from error
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise AnswerLost(f"the connection broke before an answer: {_reason(error)}") from error

    async def _body(self, response: httpx.Response) -> bytes:
        # As it came: HTTPX would decompress the first gzip member alone, and no `x-gzip`.
        stream, headers = cast("httpx.AsyncByteStream", response.stream), _headers(response)
        try:
            raw = await read_parts(stream, self._max_answer_bytes)
        except httpx.TimeoutException:
            raise
        except httpx.TransportError as error:
            raise AnswerTruncated(f"the answer broke off: {_reason(error)}") from error
        finally:
            await response.aclose()
        return decode_body(
            response.status_code,
            raw,
            encoding=headers.get("Content-Encoding", ""),
            content_type=headers.get("Content-Type", ""),
            max_bytes=self._max_answer_bytes,
        )


def _outgoing(request: OutgoingRequest, connect_within_s: float) -> httpx.Request:
    try:
        return httpx.Request(
            request.method,
            request.url,
            headers=(*request.headers, ("Accept-Encoding", "gzip")),
            content=request.body,
            extensions={"timeout": {"connect": min(connect_within_s, request.timeout_s)}},
        )
    except (ValueError, httpx.InvalidURL):
        raise _malformed() from None


def _headers(response: httpx.Response) -> Headers:
    return Headers(response.headers.multi_items())


def _reason(error: httpx.RequestError) -> str:
    return str(error) or type(error).__name__


def _malformed() -> NotSent:
    # Without the library's own text, which quotes the header, and that may be the token.
    return NotSent("the address or a header is malformed")
