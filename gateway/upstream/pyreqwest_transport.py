"""The transport on pyreqwest: connections, TLS and HTTP in Rust.

A cancelled call ends at once for whoever waited; the library itself hangs up only when the vendor
has answered or `timeout_s` is over, so a request that was on its way may still be served.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BodyDecodeError,
    BuilderError,
    PoolTimeoutError,
    ReadError,
    RequestError,
    RequestTimeoutError,
)
from pyreqwest.http import HeaderMap
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from gateway.upstream.transport import (
    DEFAULT_CONNECT_WITHIN_S,
    DEFAULT_MAX_ANSWER_BYTES,
    Answer,
    AnswerLost,
    AnswerTimedOut,
    AnswerTooLarge,
    AnswerTruncated,
    Headers,
    NotSent,
    OutgoingRequest,
    TransportFailure,
)

_MAX_IDLE_CONNECTIONS: Final = 64
# How the library underneath names the phase. Its own `ConnectError` also stands for connections
# that broke after the request was sent, and a write must not take those for never sent.
_CONNECT_PHASE: Final = "client error (Connect)"


class PyreqwestTransport:
    """A pool of connections in Rust.

    Args:
        connect_within_s: how long a connection may take, if the request has that time.
        max_answer_bytes: longest body that is read, counted after decompression.
    """

    def __init__(
        self,
        *,
        connect_within_s: float = DEFAULT_CONNECT_WITHIN_S,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
    ) -> None:
        self._client = _build_client(connect_within_s)
        self._max_answer_bytes = max_answer_bytes

    async def send(self, request: OutgoingRequest) -> Answer:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        try:
            async with self._prepare(request) as response:
                body = await self._body(response)
                return Answer(response.status, _readable(response.headers), body)
        except BuilderError:
            raise _malformed() from None
        except RequestError as error:
            raise _failure(error, request.timeout_s) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.close()

    def _prepare(self, request: OutgoingRequest) -> StreamRequest:
        try:
            builder = self._client.request(request.method, request.url).headers(request.headers)
            if request.body is not None:
                builder = builder.body_bytes(request.body)
            return builder.timeout(timedelta(seconds=request.timeout_s)).build_streamed()
        except ValueError:
            raise _malformed() from None

    async def _body(self, response: Response) -> bytes:
        announced = response.get_header("Content-Length")
        if announced and int(announced) <= self._max_answer_bytes:
            return bytes(await response.bytes())  # one step instead of one for each chunk
        body = bytearray()
        while (chunk := await response.body_reader.read_chunk()) is not None:
            body += chunk
            if len(body) > self._max_answer_bytes:
                raise AnswerTooLarge(f"more than {self._max_answer_bytes} bytes")
        return bytes(body)


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
    causes = [cause["message"] for cause in error.details["causes"] or ()]
    reason = causes[-1] if causes else error.message
    if _CONNECT_PHASE in causes or isinstance(error, PoolTimeoutError):
        return NotSent(f"no connection: {reason}")
    if isinstance(error, RequestTimeoutError):
        return AnswerTimedOut(f"no complete answer within {timeout_s:.1f} s")
    if isinstance(error, BodyDecodeError | ReadError):
        return AnswerTruncated(f"the answer broke off: {reason}")
    return AnswerLost(f"the connection broke before an answer: {reason}")


def _malformed() -> NotSent:
    # Without the library's own text, which quotes the header, and that may be the token.
    return NotSent("the address or a header is malformed")


def _build_client(connect_within_s: float) -> Client:
    return (
        ClientBuilder()
        .follow_redirects(False)
        .referer(False)
        .no_proxy()
        .connect_timeout(timedelta(seconds=connect_within_s))
        .pool_max_idle_per_host(_MAX_IDLE_CONNECTIONS)
        .gzip(True)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .build()
    )
