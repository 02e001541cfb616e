"""uvicorn's HTTP protocol with less work for each request.

A request is started with the few objects that it needs, and a connection has one timer for all its
idle times. A `gateway.asgi.FastResponder` passes bodies and responses without ASGI messages:
uvicorn would parse a response sent as two messages header by header and write it twice, and
detecting a disconnect would take a task that waits for a message.

This relies on uvicorn's private `RequestResponseCycle`, so pyproject.toml pins uvicorn to the
versions it was tested with.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from gateway.asgi import Header, HeadMemo, attach_fast_responder

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope


# One buffer costs uvloop less than two; copying a longer body into it costs more.
_MAX_JOINED_BYTES: Final = 4096


class FastPathHTTP(HttpToolsProtocol):
    """Attaches a `gateway.asgi.FastResponder` to every request."""

    is_disconnected = False
    disconnect_callback: Callable[[], None] | None = None
    _idle_since_s: float | None = None
    _serialized_from: list[Header] | None = None
    _serialized = b""

    def on_message_begin(self) -> None:
        self.url, self.headers = b"", []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.scope = self._build_scope()
        if self.parser.should_upgrade() and self._should_upgrade():
            return
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        self.scope["path"] = self.root_path + (unquote(path) if "%" in path else path)
        self.scope["raw_path"] = self.root_path.encode("ascii") + url.path
        self.scope["query_string"] = url.query or b""
        self.start_request(self.remember_head())

    def remember_head(self) -> HeadMemo | None:
        """Return a new memo of the head that `scope` has; None if it is not remembered."""
        return None

    def start_request(self, head_memo: HeadMemo | None) -> None:
        """Run the app for `scope` once the responses to earlier requests are complete."""
        self.headers = []  # collects trailer fields, which must not become headers
        earlier = cast("FastCycle | None", self.cycle)  # None before the first request
        self.cycle = cycle = FastCycle(self, head_memo)
        app: Any = self.app if head_memo is None or head_memo.app is None else head_memo.app
        if earlier is None or earlier.response_complete:
            self._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    def on_body(self, body: bytes) -> None:
        cycle = cast("FastCycle", self.cycle)
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.notify()

    def on_message_complete(self) -> None:
        """Note the end of a request. A WebSocket handshake has one too, but no cycle."""
        if not self.parser.should_upgrade():
            cycle = cast("FastCycle", self.cycle)
            cycle.more_body = False
            cycle.notify()

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.on_idle()

    def on_idle(self) -> None:
        """Wait for the next request, when the responses to all earlier ones are complete."""
        self._idle_since_s = time.monotonic()
        if self.timeout_keep_alive_task is None:
            self._check_idle_after(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection, which has been idle for long enough."""
        self.timeout_keep_alive_task = None
        if self._idle_since_s is None:
            return  # the end of the present response starts the timer again
        left_s = self._idle_since_s + self.timeout_keep_alive - time.monotonic()
        if left_s > 0:
            self._check_idle_after(left_s)
        else:
            super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        self.is_disconnected = True
        # One callback is enough, because a connection runs one request at a time.
        if self.disconnect_callback is not None:
            self.disconnect_callback()

    @property
    def serialized_default_headers(self) -> bytes:
        """The header lines of every response. uvicorn changes them once a second."""
        headers = self.server_state.default_headers
        if headers is not self._serialized_from:
            self._serialized_from = headers
            self._serialized = b"".join([b"%b: %b\r\n" % pair for pair in headers])
        return self._serialized

    def _check_idle_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _unset_keepalive_if_required(self) -> None:
        """Note that the connection is not idle; the timer continues, because a new one costs."""
        self._idle_since_s = None

    def _build_scope(self) -> "HTTPScope":
        """Return the scope of a head, without the parts of its URL."""
        expectation = dict(self.headers).get(b"expect")
        self.expect_100_continue = expectation is not None and (
            expectation.lower() == b"100-continue"
        )
        scope = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": self.parser.get_http_version(),
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "headers": self.headers,
            "state": self.app_state.copy(),
            "method": self.parser.get_method().decode("ascii"),
        }
        return cast("HTTPScope", scope)


class FastCycle(RequestResponseCycle):
    """One request and its response. Implements `FastResponder`.

    Creating one costs less than creating uvicorn's class, because fewer attributes are set.
    """

    access_log = False
    disconnected = False
    more_body = True
    response_started = False
    response_complete = False
    chunked_encoding = None
    expected_content_length = 0
    _event: asyncio.Event | None = None
    _has_news = False

    def __init__(self, protocol: FastPathHTTP, head_memo: HeadMemo | None) -> None:
        self._protocol = protocol
        self.head_memo = head_memo
        self.scope = scope = protocol.scope
        self.transport = protocol.transport
        self.flow = protocol.flow
        self.keep_alive = scope["http_version"] != "1.0" and protocol.parser.should_keep_alive()
        self.waiting_for_100_continue = protocol.expect_100_continue
        self.body = bytearray()
        attach_fast_responder(cast("Scope", scope), self)

    @property
    def message_event(self) -> asyncio.Event:  # type: ignore[override]
        """The event that `receive` waits for. It is created when needed, which is rare."""
        if self._event is None:
            self._event = asyncio.Event()
            if self._has_news:
                self._event.set()
        return self._event

    def notify(self) -> None:
        """Wake `receive`, so that it returns the present state."""
        self._has_news = True
        if self._event is not None:
            self._event.set()

    def on_response(self) -> None:
        self._protocol.on_response_complete()

    @property
    def default_headers(self) -> list[Header]:  # type: ignore[override]
        return self._protocol.server_state.default_headers

    @property
    def logger(self) -> logging.Logger:  # type: ignore[override]
        return self._protocol.logger

    def take_body(self) -> bytes | None:
        """Return the body; None if it has not arrived completely."""
        if self.more_body:
            return None
        self._has_news = False  # the next message is the disconnect
        if self._event is not None:
            self._event.clear()
        body, self.body = bytes(self.body), bytearray()
        return body

    def respond(self, status: int, fields: bytes, body: bytes) -> bool:
        """Send the same bytes as uvicorn would.

        Returns False if the client reads slowly or has left.
        """
        if self.flow.write_paused or self.disconnected or not self.keep_alive:
            return False
        if self.scope["method"] == "HEAD":
            return False
        own = self._protocol.serialized_default_headers
        head = b"%b%b%bcontent-length: %d\r\n\r\n" % (STATUS_LINE[status], own, fields, len(body))
        if len(body) > _MAX_JOINED_BYTES:
            self.transport.writelines((head, body))
        else:
            self.transport.write(head + body)
        self.waiting_for_100_continue = False
        self.response_started = self.response_complete = True
        self.notify()
        self._protocol.on_response_complete()
        del self.scope["extensions"]  # breaks a reference cycle through this object
        return True

    def on_disconnect(self, callback: Callable[[], None]) -> None:
        self._protocol.disconnect_callback = callback
        if self._protocol.is_disconnected:
            self._protocol.loop.call_soon(callback)

    def clear_on_disconnect(self) -> None:
        self._protocol.disconnect_callback = None
