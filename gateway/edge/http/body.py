"""Reads the JSON body of a POST request within limits of size and time."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.asgi import Header
from gateway.auth.caller import Caller
from gateway.edge.cancellation.watcher import CancelScope, run_with_watcher
from gateway.edge.headers import RequestHeaders
from gateway.edge.http.media_types import parse_media_type
from gateway.edge.response import HttpError
from gateway.limits.body import BodyLimits
from gateway.limits.limit import Limit
from schema.errors import InvalidInput, LimitExceeded
from schema.scopes import Scope

# The unread rest of a body must not be parsed as the next request.
_CLOSE: Final = ((b"connection", b"close"),)
_IDENTITY_ONLY: Final = ((b"accept-encoding", b"identity"),)
_NOT_JSON: Final = "The request body must be JSON. Send Content-Type: application/json."
_NOT_UTF_8: Final = "The Content-Type declares a charset other than UTF-8. Send JSON in UTF-8."
_ENCODED: Final = "The request body has a Content-Encoding. Send it uncompressed."
_MAX_LENGTH_DIGITS: Final = 20
_CACHED_TYPES: Final = 64
_MAX_CACHED_CHARS: Final = 64


class BodyReader:
    """Reads request bodies.

    Args:
        limits: returns the current limits.
    """

    def __init__(self, limits: Callable[[], BodyLimits]) -> None:
        self._limits = limits

    async def read(self, headers: RequestHeaders, receive: Receive, caller: Caller) -> bytes:
        """Return the body.

        Raises HttpError, or ClientDisconnect if the client disconnects before the end.
        """
        limits = self._limits()
        size = _size_limit(limits, caller)
        if (problem := find_problem(headers)) is not None:
            raise problem.to_error()
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:_MAX_LENGTH_DIGITS]) > size.maximum:
            raise _too_large_error(size)
        timeout = _Timeout(limits.timeout_s)
        try:
            return await run_with_watcher(_receive_body(receive, size), timeout)
        except asyncio.CancelledError as cause:
            if timeout.scope.uncancel():
                text = f"The request body took longer than {limits.timeout_s:g} s to arrive."
                raise HttpError(408, LimitExceeded.for_rule("body_time", text), _CLOSE) from cause
            raise

    def check_length(self, length: int, caller: Caller) -> None:
        """Raise HttpError if a body that has arrived is too large."""
        size = _size_limit(self._limits(), caller)
        if length > size.maximum:
            raise _too_large_error(size)


class BodyProblem(msgspec.Struct, frozen=True):
    """Why a body is rejected because of its headers, and the headers of the error response."""

    text: str
    headers: tuple[Header, ...] = _CLOSE

    def to_error(self) -> HttpError:
        return HttpError(415, InvalidInput(self.text), self.headers)


def find_problem(headers: RequestHeaders) -> BodyProblem | None:
    """Return why a body with these headers is rejected before it is read; None if it is not."""
    kind = headers.get(b"content-type", b"")
    is_cacheable = len(kind) <= _MAX_CACHED_CHARS
    if text := (_cached_content_type_error if is_cacheable else _content_type_error)(kind):
        return BodyProblem(text)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return BodyProblem(_ENCODED, (*_CLOSE, *_IDENTITY_ONLY))
    return None


async def _receive_body(receive: Receive, size: Limit) -> bytes:
    parts: list[bytes] = []
    remaining = size.maximum
    while (message := await receive())["type"] == "http.request":
        part = message.get("body", b"")
        remaining -= len(part)
        if remaining < 0:
            raise _too_large_error(size)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
    raise ClientDisconnect


def _size_limit(limits: BodyLimits, caller: Caller) -> Limit:
    return limits.mutation_size if Scope.WRITE in caller.scopes else limits.size


def _too_large_error(size: Limit) -> HttpError:
    text = "The request body exceeds the size limit. Send a smaller one."
    return HttpError(413, size.exceeded(text), _CLOSE)


class _Timeout:
    """A watcher that cancels the wait after a time."""

    def __init__(self, timeout_s: float) -> None:
        self.scope = CancelScope()
        self._timeout_s = timeout_s

    def start(self) -> None:
        self.scope.bind()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._timeout_s, self.scope.cancel)

    def stop(self) -> None:
        self._timer.cancel()


def _content_type_error(content_type: bytes) -> str | None:
    """Return why a body of this type is rejected; None if it is accepted."""
    found = parse_media_type(content_type.decode("latin-1"))
    if found is None or found.name != "application/json":
        return _NOT_JSON
    return None if found.is_utf_8 else _NOT_UTF_8


_cached_content_type_error = lru_cache(_CACHED_TYPES)(_content_type_error)
