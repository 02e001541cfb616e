"""The transport on pyreqwest: connections, TLS and HTTP in Rust."""

from datetime import timedelta
from typing import Final

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BuilderError,
    ConnectError,
    ConnectTimeoutError,
    PoolTimeoutError,
    RequestError,
    RequestTimeoutError,
)
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from gateway.upstream.transport import (
    DEFAULT_MAX_ANSWER_BYTES,
    Answer,
    AnswerLost,
    AnswerTimedOut,
    AnswerTooLarge,
    AnswerTruncated,
    Headers,
    NotSent,
    OutgoingRequest,
)

_CONNECT_TIMEOUT: Final = timedelta(seconds=10)
_MAX_IDLE_CONNECTIONS: Final = 64
_NEVER_SENT: Final = (ConnectError, ConnectTimeoutError, PoolTimeoutError, BuilderError)


class PyreqwestTransport:
    """A pool of connections in Rust.

    Args:
        max_answer_bytes: longest body that is read, counted after decompression.
    """

    def __init__(self, *, max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES) -> None:
        self._client = _build_client()
        self._max_answer_bytes = max_answer_bytes

    async def send(self, request: OutgoingRequest) -> Answer:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        response: Response | None = None
        try:
            async with self._prepare(request) as response:
                body = await self._body(response)
                return Answer(response.status, Headers(list(response.headers.items())), body)
        except _NEVER_SENT as error:
            raise NotSent(f"no connection: {error}") from error
        except RequestTimeoutError as error:
            raise AnswerTimedOut(f"no complete answer within {request.timeout_s:.1f} s") from error
        except RequestError as error:
            if response is None:
                raise AnswerLost(f"the connection broke before an answer: {error}") from error
            raise AnswerTruncated(f"the answer broke off: {error}") from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.close()

    def _prepare(self, request: OutgoingRequest) -> StreamRequest:
        builder = self._client.request(request.method, request.url).headers(request.headers)
        if request.body is not None:
            builder = builder.body_bytes(request.body)
        return builder.timeout(timedelta(seconds=request.timeout_s)).build_streamed()

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


def _build_client() -> Client:
    return (
        ClientBuilder()
        .follow_redirects(False)
        .referer(False)
        .no_proxy()
        .connect_timeout(_CONNECT_TIMEOUT)
        .pool_max_idle_per_host(_MAX_IDLE_CONNECTIONS)
        .gzip(True)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .build()
    )
