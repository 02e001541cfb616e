"""The transport on pyreqwest: connections, TLS and HTTP in Rust.

A cancelled call ends at once for whoever waited; the library itself hangs up only when the vendor
has answered or `timeout_s` is over, so a request that was on its way may still be served.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BuilderError,
    PoolTimeoutError,
    RequestError,
    RequestTimeoutError,
)
from pyreqwest.http import HeaderMap
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

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

_MAX_IDLE_CONNECTIONS: Final = 64
# How the library underneath names the phase. Its own `ConnectError` also stands for connections
# that broke after the request was sent, and a write must not take those for never sent.
_CONNECT_PHASE: Final = "client error (Connect)"


class PyreqwestTransport:
    """A pool of connections in Rust.

    Args:
        proxy: URL of the proxy that its connections go through.
        connect_within_s: how long a connection may take, if the request has that time.
        max_answer_bytes: longest body that is read, counted after decompression.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        connect_within_s: float = DEFAULT_CONNECT_WITHIN_S,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        self._client = _build_client(connect_within_s, proxy)
        self._max_answer_bytes = max_answer_bytes

    async def send(self, request: OutgoingRequest) -> Answer:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        try:
            async with self._prepare(request) as response:
                headers = _readable(response.headers)
                return Answer(response.status, headers, await self._body(response, headers))
        except BuilderError:
            raise _malformed() from None
        except RequestError as error:
            raise _failure(error, request.timeout_s) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.close()

    def _prepare(self, request: OutgoingRequest) -> StreamRequest:
        try:
            headers = (*request.headers, ("Accept-Encoding", "gzip"))
            builder = self._client.request(request.method, request.url).headers(headers)
            if request.body is not None:
                builder = builder.body_bytes(request.body)
            builder = builder.timeout(timedelta(seconds=request.timeout_s))
            # The head is handed over before anything of the body is read: its status may decide.
            return builder.streamed_read_buffer_limit(0).build_streamed()
        except ValueError:
            raise _malformed() from None

    async def _body(self, response: Response, headers: Headers) -> bytes:
        try:
            raw = await self._raw_body(response)
        except (RequestError, TransportFailure) as error:
            if is_refusal(response.status):
                return b""
            if isinstance(error, RequestTimeoutError | TransportFailure):
                raise
            raise AnswerTruncated(f"the answer broke off: {_reason(error)}") from error
        return decode_body(
            response.status,
            raw,
            encoding=headers.get("Content-Encoding", ""),
            content_type=headers.get("Content-Type", ""),
            max_bytes=self._max_answer_bytes,
        )

    async def _raw_body(self, response: Response) -> bytes:
        announced = response.get_header("Content-Length")
        if announced and int(announced) <= self._max_answer_bytes:
            return bytes(await response.bytes())  # one step instead of one for each chunk
        return await read_parts(_parts(response), self._max_answer_bytes)


async def _parts(response: Response) -> AsyncIterator[bytes]:
    while (part := await response.body_reader.read_chunk()) is not None:
        yield bytes(part)


def _readable(headers: HeaderMap) -> Headers:
    """Leave out values that are not text, which only whoever asks for them would miss."""
    try:
        return Headers(list(headers.items()))
    except ValueError:
        pairs = []
        for name in headers:
            with suppress(ValueError):
                pairs.append((name, headers[name]))
        return Headers(pairs)


def _failure(error: RequestError, timeout_s: float) -> TransportFailure:
    reason = _reason(error)
    if _CONNECT_PHASE in _causes(error) or isinstance(error, PoolTimeoutError):
        return NotSent(f"no connection: {reason}")
    if isinstance(error, RequestTimeoutError):
        return AnswerTimedOut(f"no complete answer within {timeout_s:.1f} s")
    return AnswerLost(f"the connection broke before an answer: {reason}")


def _causes(error: RequestError) -> list[str]:
    return [cause["message"] for cause in error.details["causes"] or ()]


def _reason(error: RequestError) -> str:
    return [error.message, *_causes(error)][-1]


def _malformed() -> NotSent:
    # Without the library's own text, which quotes the header, and that may be the token.
    return NotSent("the address or a header is malformed")


def _build_client(connect_within_s: float, proxy: str | None) -> Client:
    builder = (
        ClientBuilder()
        .follow_redirects(False)
        .referer(False)
        .no_proxy()
        .connect_timeout(timedelta(seconds=connect_within_s))
        .pool_max_idle_per_host(_MAX_IDLE_CONNECTIONS)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
    )
    return (builder if proxy is None else builder.proxy(ProxyBuilder.all(proxy))).build()
