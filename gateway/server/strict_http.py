"""uvicorn's HTTP protocol, hardened against request smuggling.

After a head with `Upgrade`, httptools stops parsing, and uvicorn parses the rest as the next
request if it does not support the protocol. A body that a proxy forwarded would become a request.

Source: RFC 9112, sections 6.1 and 6.3; RFC 9110, sections 6.5.1 and 7.8; RFC 6455, section 4.1.
"""

from typing import Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gateway.server.fast_path import FastPathHTTP

_VERSIONS: Final = ("1.1", "1.0")


class UnacceptableHead(Exception):
    """The server rejects a request head that httptools accepts."""


class StrictHTTP(FastPathHTTP):
    """Ignores every `Upgrade` except to WebSocket, and rejects requests with ambiguous framing."""

    is_rejected = False
    is_chunked = False

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data and not self.is_rejected:
            data = self._feed(data)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise UnacceptableHead(
                    "CONNECT is not supported, because this server is not a proxy."
                )
            if not self._should_upgrade():
                return  # `_feed` parses the head again, without `Upgrade`
        self.is_chunked = _is_chunked(self.headers, self.parser.get_http_version())
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self.is_chunked = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self.reject(400, msg)

    def reject(self, status: int, reason: str) -> None:
        """Respond and close the connection, once the responses to earlier requests are complete."""
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
        """Switch to the WebSocket protocol, unless a response is still pending."""
        if self._pending_cycle() is not None:
            self.reject(
                400, "A WebSocket handshake must wait until all earlier responses are complete."
            )
            return
        super().handle_websocket_upgrade()
        if not self.transport.get_protocol().handshake_initiated:  # type: ignore[attr-defined]
            self.reject(
                400, "A WebSocket handshake may have at most 128 header fields of 8 KiB each."
            )

    def _pending_cycle(self) -> RequestResponseCycle | None:
        """Return the latest request if its response is not complete."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first
        return None if cycle is None or cycle.response_complete else cycle

    def _feed(self, data: bytes) -> bytes:
        """Parse data, and return the rest that must be parsed again."""
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
            self.send_400_response(
                str(cause) if known else f"The request is not valid HTTP/1.1: {error}."
            )
        return b""

    def _head_without_upgrade(self) -> bytes:
        version = self.parser.get_http_version().encode()
        fields = [b"%b: %b\r\n" % each for each in self.headers if each[0] != b"upgrade"]
        start = b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)
        return start + b"".join(fields) + b"\r\n"

    def _should_upgrade(self) -> bool:
        """Whether this is a WebSocket handshake. httptools has checked `Connection: Upgrade`."""
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
    """Whether the body is chunked. Raises UnacceptableHead if the framing is ambiguous."""
    if version not in _VERSIONS:
        raise UnacceptableHead(f"HTTP/{version} is not supported. Send HTTP/1.1.")
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and (codings != [b"chunked"] or version != "1.1"):
        raise UnacceptableHead("Transfer-Encoding must be only 'chunked', in HTTP/1.1.")
    return bool(codings)
