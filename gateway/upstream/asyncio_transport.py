"""The transport on the running loop: HTTP/1.1 without a client library, a few µs a call.

Every call has a connection for itself as long as it lasts. A request whose kept connection turns
out to be closed by the server is sent again if it is a GET, which RFC 9110 (9.2.2) allows; of any
other method nobody can tell whether it was served, and it is reported as lost.
"""

import asyncio
import math
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import httpx

from gateway.upstream.http1.connection import Connection, RawAnswer
from gateway.upstream.http1.head import Head, Malformed, written
from gateway.upstream.http1.pool import Pool
from gateway.upstream.response_body import decode_body
from gateway.upstream.shared_timeouts import SharedTimeouts
from gateway.upstream.transport import (
    DEFAULT_CONNECT_WITHIN_S,
    DEFAULT_MAX_ANSWER_BYTES,
    Answer,
    AnswerLost,
    AnswerTimedOut,
    NotSent,
    OutgoingRequest,
    RawHeaders,
)

# A server may hang up on an idle connection at any moment. A GET is then sent again; a write, whose
# answer would be lost, is not given a connection on which that is at all likely.
_MAX_IDLE_S_OF_WRITES: Final = 1.0


class AsyncioTransport:
    """A pool of connections on the loop that `send` is called on.

    Args:
        connect_within_s: how long a connection may take, if the request has that time.
        max_answer_bytes: longest body that is read, counted after decompression too.
        tls: makes what decides whom to trust, when it is needed; by default certifi's
            authorities, or `SSL_CERT_FILE`'s.
        monotonic: a clock, in seconds, by which connections are idle.
    """

    def __init__(
        self,
        *,
        connect_within_s: float = DEFAULT_CONNECT_WITHIN_S,
        max_answer_bytes: int = DEFAULT_MAX_ANSWER_BYTES,
        tls: Callable[[], ssl.SSLContext] = httpx.create_ssl_context,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect_within_s = connect_within_s
        self._max_answer_bytes = max_answer_bytes
        self._pool = Pool(tls, max_answer_bytes, monotonic)
        self._deadlines = SharedTimeouts()

    async def send(self, request: OutgoingRequest) -> Answer:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        try:
            head = written(request)
        except Malformed:
            raise NotSent("the address or a header is malformed") from None
        deadline = asyncio.get_running_loop().time() + request.timeout_s
        is_get = request.method == "GET"
        kept = self._pool.idle(head.origin, math.inf if is_get else _MAX_IDLE_S_OF_WRITES)
        if kept is None:
            return await self._on_new_connection(head, request, deadline)
        try:
            return await self._exchange(kept, head, request, deadline)
        except AnswerLost:
            if not is_get or kept.has_begun:
                raise
            return await self._on_new_connection(head, request, deadline)

    async def aclose(self) -> None:
        """Close every connection."""
        self._pool.close()

    async def _on_new_connection(
        self, head: Head, request: OutgoingRequest, deadline: float
    ) -> Answer:
        left_s = deadline - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(left_s, self._connect_within_s)):
                connection = await self._pool.connect(head.origin)
        except (OSError, TimeoutError, UnicodeError) as error:  # a name can be no name
            raise NotSent(f"no connection: {str(error) or type(error).__name__}") from error
        return await self._exchange(connection, head, request, deadline)

    async def _exchange(
        self, connection: Connection, head: Head, request: OutgoingRequest, deadline: float
    ) -> Answer:
        done = connection.exchange(head.request)
        self._deadlines.add(done, deadline, partial(_too_late, request))
        try:
            raw = await done
        except AnswerTimedOut:
            self._pool.discard(connection)
            refusal = connection.refusal()
            if refusal is None:
                raise
            return self._answer(refusal)
        except BaseException:
            self._pool.discard(connection)
            raise
        finally:
            self._deadlines.remove(done)
        self._pool.keep(head.origin, connection)
        return self._answer(raw)

    def _answer(self, raw: RawAnswer) -> Answer:
        parts = raw.body
        body = decode_body(
            raw.status,
            b"".join(parts) if len(parts) != 1 else bytes(parts[0]),
            encoding=raw.encoding.decode("latin-1"),
            content_type=raw.content_type.decode("latin-1"),
            max_bytes=self._max_answer_bytes,
        )
        return Answer(raw.status, RawHeaders(raw.headers), body)


def _too_late(request: OutgoingRequest) -> AnswerTimedOut:
    return AnswerTimedOut(f"no complete answer within {request.timeout_s:.1f} s")
