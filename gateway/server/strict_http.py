"""uvicorn's HTTP protocol, in which the end of a request is where every recipient finds it.

httptools takes what follows a head with `Upgrade` for another protocol, and uvicorn reads that as
the next request if it does not speak it. What a proxy in front forwarded as the body of one
request would be answered as a request of its own.

Source: RFC 9112, sections 6.1 and 6.3; RFC 9110, sections 6.5.1 and 7.8; RFC 6455, section 4.1.
"""

from typing import Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

_VERSIONS: Final = ("1.1", "1.0")


class UnacceptableHead(Exception):
    """A head that httptools reads, and this server refuses; says why."""


class StrictHTTP(HttpToolsProtocol):
    """Ignores every `Upgrade` but a WebSocket's, and refuses what can be framed in two ways."""

    is_rejected = False
    is_chunked = False

    def data_received(self, data: bytes) -> None:
        """Read requests; nothing is read any more after one that was refused."""
        self._unset_keepalive_if_required()
        while data and not self.is_rejected:
            data = self._feed(data)

    def on_headers_complete(self) -> None:
        """Let the app have the request."""
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise UnacceptableHead("CONNECT is not supported: this server is no proxy.")
            if not self._should_upgrade():
                return  # `_feed` reads the head again
        self.is_chunked = _is_chunked(self.headers, self.parser.get_http_version())
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = []  # takes the trailer fields, which the app is not to have as headers

    def on_message_complete(self) -> None:
        """Tell the app that the body is complete, unless the head is to be read again."""
        self.is_chunked = False
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what came, and say why."""
        self.reject(400, msg)

    def reject(self, status: int, reason: str) -> None:
        """Respond and close; requests that came whole before it are answered first."""
        if self.is_rejected:
            return
        self.is_rejected = True
        if (cycle := self._pending_cycle()) is not None:
            if not cycle.more_body:
                cycle.keep_alive = False  # closes with its response
                return
            if cycle.response_started or self.pipeline:
                self.transport.close()
                return
        body = reason.encode("ascii", "replace")
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + b"connection: close\r\n\r\n" + body)
        self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, unless a response is still to be sent on it."""
        if self._pending_cycle() is not None:
            self.reject(400, "A WebSocket begins when every response before it is complete.")
            return
        super().handle_websocket_upgrade()
        if not self.transport.get_protocol().handshake_initiated:  # type: ignore[attr-defined]
            self.reject(400, "The head of a WebSocket has at most 128 fields of 8 KiB; send less.")

    def _pending_cycle(self) -> RequestResponseCycle | None:
        """Find the latest request, if its response is still to come."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first
        return None if cycle is None or cycle.response_complete else cycle

    def _feed(self, data: bytes) -> bytes:
        """Parse data, and return what is still to be parsed."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
                return b""
            rest = data[upgrade.args[0] :]
            head = self._head_without_upgrade()
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
            return head + rest
        except httptools.HttpParserError as error:
            cause = error.__context__
            known = isinstance(cause, UnacceptableHead)
            self.send_400_response(str(cause) if known else f"This is not HTTP/1.1: {error}.")
        return b""

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        fields = [b"%b: %b\r\n" % each for each in self.headers if each[0] != b"upgrade"]
        start = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)
        return start + b"".join(fields) + b"\r\n"

    def _should_upgrade(self) -> bool:
        """Whether this is a WebSocket's handshake; httptools has seen `Connection: Upgrade`."""
        protocols = [value.lower() for name, value in self.headers if name == b"upgrade"]
        return (
            protocols == [b"websocket"]
            and self._should_upgrade_to_ws()
            and self.parser.get_method() == b"GET"
            and self.parser.get_http_version() == "1.1"
            and not any(_announces_body(*field) for field in self.headers)
        )


def _announces_body(name: bytes, value: bytes) -> bool:
    return name == b"transfer-encoding" or (name == b"content-length" and value != b"0")


def _is_chunked(headers: list[tuple[bytes, bytes]], version: str) -> bool:
    """Tell how the body is framed; raises UnacceptableRequest where that is not clear."""
    if version not in _VERSIONS:
        raise UnacceptableHead(f"HTTP/{version} is not supported; send HTTP/1.1.")
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and (codings != [b"chunked"] or version != "1.1"):
        raise UnacceptableHead("Transfer-Encoding has to be chunked alone, in HTTP/1.1.")
    return bool(codings)
