"""Records HTTP requests as spans."""

from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.asgi import FastResponder, attach_fast_responder, get_fast_responder
from gateway.observability.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Span

    from gateway.asgi import HeadMemo

_CONTEXT: Final = frozenset({b"traceparent", b"tracestate"})
_SERVER_ERROR: Final = 500


class TracedApp:
    """Runs an ASGI app, and records each HTTP request as a child of the client's span."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._trace(self._app, scope, receive, send)

    async def _trace(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        attributes = {
            "http.request.method": method,
            "http.route": path,
            "url.path": path,
            "url.scheme": scope["scheme"],
        }
        headers = {n.decode(): v.decode("latin-1") for n, v in scope["headers"] if n in _CONTEXT}
        span = self._tracing.start_server(f"{method} {path}", headers, attributes)
        responder = get_fast_responder(scope)
        if span.is_recording():
            await self._record(span, app, scope, receive, send)
        else:
            await self._tracing.run(span, app(scope, receive, send))
        memo = None if responder is None else responder.head_memo
        if memo is not None and memo.app is not None and app is self._app:
            memo.app = partial(self._trace, memo.app)

    async def _record(
        self, span: "Span", app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        responder = get_fast_responder(scope)
        seen = _SeenResponse(send, responder)
        if responder is not None:
            scope = {**scope}
            attach_fast_responder(scope, seen)
        try:
            await self._tracing.run(span, app(scope, receive, seen.send))
        except BaseException as error:
            self._tracing.fail(span, type(error).__name__)
            raise
        finally:
            if seen.status is not None:
                span.set_attribute("http.response.status_code", seen.status)
                if seen.status >= _SERVER_ERROR:
                    self._tracing.fail(span, str(seen.status))
            span.end()


class _SeenResponse:
    """Passes a response on and notes its status. Implements `FastResponder`."""

    def __init__(self, send: Send, responder: FastResponder | None) -> None:
        self.status: int | None = None
        self._send = send
        self._responder = responder

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)

    @property
    def head_memo(self) -> "HeadMemo | None":
        return None if self._responder is None else self._responder.head_memo

    def take_body(self) -> bytes | None:
        return None if self._responder is None else self._responder.take_body()

    def respond(self, status: int, fields: bytes, body: bytes) -> bool:
        if self._responder is None or not self._responder.respond(status, fields, body):
            return False
        self.status = status
        return True

    def on_disconnect(self, callback: "Callable[[], None]") -> None:
        if self._responder is not None:
            self._responder.on_disconnect(callback)

    def clear_on_disconnect(self) -> None:
        if self._responder is not None:
            self._responder.clear_on_disconnect()
