"""One connection, and one exchange on it at a time."""

import asyncio
from typing import Final, cast

import httptools

from gateway.upstream.transport import (
    AnswerLost,
    AnswerTooLarge,
    AnswerTruncated,
    TransportFailure,
    is_refusal,
)

# Of heads, trailers, chunk extensions and informational answers, in reads that hold no body.
_MAX_HEAD_BYTES: Final = 64 * 1024
# Shorter parts of a body are joined at once: a list of them takes many times their length.
_SHORT_PART_BYTES: Final = 1024
_FINAL_STATUSES_FROM: Final = 200
_DELIMITERS: Final = frozenset({b"content-length", b"transfer-encoding"})


class RawAnswer:
    """An answer as far as it has been read.

    Attributes:
        status: 0 until its head has been read.
        encoding: the first `Content-Encoding`; empty if there is none.
        content_type: the first `Content-Type`, likewise.
        is_delimited: by a length or by chunks; otherwise it ends with its connection.
    """

    __slots__ = ("body", "content_type", "encoding", "headers", "is_delimited", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.encoding = b""
        self.content_type = b""
        self.body: list[bytes | bytearray] = []
        self.is_delimited = False


class Connection(asyncio.Protocol):
    """Writes a request and reads its answer; what cannot be read ends the connection.

    Attributes:
        is_open: another exchange may begin.
        has_begun: something of the present answer has arrived.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, max_answer_bytes: int) -> None:
        self.is_open = False
        self.has_begun = False
        self._loop = loop
        self._max_answer_bytes = max_answer_bytes
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._done: asyncio.Future[RawAnswer] | None = None
        self._answer = RawAnswer()
        self._received_bytes = self._head_bytes = self._body_bytes = 0

    def exchange(self, request: bytes) -> "asyncio.Future[RawAnswer]":
        """Send a request; the future ends with its answer or a `TransportFailure`."""
        self.has_begun = False
        self._received_bytes = self._head_bytes = self._body_bytes = 0
        self._done = self._loop.create_future()
        self._transport.write(request)
        return self._done

    def abort(self) -> None:
        """Hang up at once, whatever is going on."""
        self.is_open = False
        self._done = None
        self._transport.abort()

    def close(self) -> None:
        """Hang up, failing an exchange that is going on."""
        self._broken("this gateway is stopping")

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Read on; data that nobody asked for ends the connection."""
        if self._done is None:
            self.abort()
            return
        self.has_begun = True
        body_bytes = self._body_bytes
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._broken("it is no HTTP that can be read")
            return
        if self._done is not None:
            self._bound(len(data), is_body=self._body_bytes > body_bytes)

    def _bound(self, received_bytes: int, *, is_body: bool) -> None:
        """Count every byte of an answer that is still to come, however it is framed."""
        self._received_bytes += received_bytes
        if self._received_bytes > self._max_answer_bytes + _MAX_HEAD_BYTES:
            self._fail(AnswerTooLarge(f"more than {self._max_answer_bytes} bytes"))
        elif not is_body:
            self._head_bytes += received_bytes
            if self._head_bytes > _MAX_HEAD_BYTES:
                self._fail(AnswerTooLarge(f"a head of more than {_MAX_HEAD_BYTES} bytes"))

    def connection_lost(self, error: Exception | None) -> None:
        """End an answer that ends so, and fail any other."""
        self.is_open = False
        if self._done is None:
            return
        answer = self._answer
        if error is None and answer.status and not answer.is_delimited:
            self._finish()
            return
        self._broken("closed" if error is None else str(error) or type(error).__name__)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Refuse a second answer to one request."""
        if self._done is None:
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; those that delimit the body are known by now to be sound."""
        if self._answer.status:
            return  # a trailer, which says nothing of the body any more
        self._answer.headers.append((name, value))
        folded = name.lower()
        if folded in _DELIMITERS:
            self._answer.is_delimited = True
        elif folded == b"content-encoding" and not self._answer.encoding:
            self._answer.encoding = value
        elif folded == b"content-type" and not self._answer.content_type:
            self._answer.content_type = value

    def on_headers_complete(self) -> None:
        """Note the status; informational answers come before the one that was asked for."""
        self._answer.status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body, up to the bound."""
        self._body_bytes += len(part)
        if self._body_bytes > self._max_answer_bytes:
            self._fail(AnswerTooLarge(f"more than {self._max_answer_bytes} bytes"))
            return
        parts = self._answer.body
        if not parts or len(part) >= _SHORT_PART_BYTES:
            parts.append(part)
        elif isinstance(parts[-1], bytearray):
            parts[-1] += part
        else:
            parts.append(bytearray(part))

    def on_message_complete(self) -> None:
        """Hand the answer over."""
        if self._answer.status < _FINAL_STATUSES_FROM:
            self._answer = RawAnswer()
            return
        if not self._parser.should_keep_alive():
            self.is_open = False
        self._finish()

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(self._answer)
        self._answer = RawAnswer()
        if not self.is_open:
            self._transport.close()

    def _broken(self, reason: str) -> None:
        if self._answer.status:
            self._fail(AnswerTruncated(f"the answer broke off: {reason}"))
        else:
            self._fail(AnswerLost(f"the connection broke before an answer: {reason}"))

    def refusal(self) -> RawAnswer | None:
        """Return an answer whose status alone says no, without its body."""
        if not is_refusal(self._answer.status):
            return None
        self._answer.body.clear()
        self._answer.encoding = b""
        return self._answer

    def _fail(self, failure: TransportFailure) -> None:
        done = self._done
        self.abort()
        if done is None or done.done():
            return
        refusal = self.refusal()
        if refusal is None:
            done.set_exception(failure)
        else:
            done.set_result(refusal)
