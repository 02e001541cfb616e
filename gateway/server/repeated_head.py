"""Recognises the head that a connection sent last, so that the app interprets it only once.

A connection remembers one head, and forgets it when it ends: no credential outlives its connection,
and no client can fill a table. The parser still reads every head and decides where bodies end.
"""

from typing import TYPE_CHECKING

from gateway.asgi import UNINTERPRETED_HEADERS, Header, HeadMemo
from gateway.server.bounded_http import BoundedHTTP

if TYPE_CHECKING:
    from uvicorn._types import HTTPScope


class LastHead(HeadMemo):
    """A remembered head of an HTTP/1.1 request without `Upgrade`, `Expect` and chunked body."""

    __slots__ = ("_headers", "_method", "_scope", "_url")

    def __init__(self, method: bytes, url: bytes, scope: "HTTPScope") -> None:
        super().__init__()
        self._method = method
        self._url = url
        self._headers: list[Header] = list(scope["headers"])
        self._scope = scope.copy()

    def is_repeated(self, method: bytes, url: bytes, headers: list[Header]) -> bool:
        """Whether another head has the same meaning, so that the memo applies to it."""
        return (
            url == self._url
            and method == self._method
            and (headers == self._headers or self._is_equivalent(headers))
        )

    def build_scope(self, headers: list[Header], state: dict[str, object]) -> "HTTPScope":
        """Build the scope of another request with this head."""
        scope = self._scope.copy()
        scope["headers"] = headers
        scope["state"] = state.copy()
        return scope

    def _is_equivalent(self, headers: list[Header]) -> bool:
        if len(headers) != len(self._headers):
            return False
        for field, old in zip(headers, self._headers, strict=True):
            if field != old and (field[0] != old[0] or field[0] not in UNINTERPRETED_HEADERS):
                return False
        return True


class RepeatedHeadHTTP(BoundedHTTP):
    """Does not build the scope again for a request with the same head as the last one."""

    _last_head: LastHead | None = None

    def on_headers_complete(self) -> None:
        parser, last = self.parser, self._last_head
        if (
            last is not None
            and parser.get_http_version() == "1.1"
            and last.is_repeated(parser.get_method(), self.url, self.headers)
        ):
            self.end_head()
            self.scope = last.build_scope(self.headers, self.app_state)
            self.expect_100_continue = False
            self.start_request(last)
        else:
            self._last_head = None
            super().on_headers_complete()

    def remember_head(self) -> HeadMemo | None:
        if self.is_chunked or self.expect_100_continue or self.scope["http_version"] != "1.1":
            return None
        self._last_head = LastHead(self.parser.get_method(), self.url, self.scope)
        return self._last_head

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._last_head = None
