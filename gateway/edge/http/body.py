"""The body of a POST request: JSON, within bounds of size and time."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.auth.caller import Caller
from gateway.edge.cancellation.cancel_scope import CancelScope
from gateway.edge.cancellation.watcher import run_with_watcher
from gateway.edge.headers import RequestHeaders
from gateway.edge.http.media_types import parse_media_type
from gateway.edge.http_error import HttpError
from gateway.limits.body import BodyLimits
from gateway.limits.limit import Limit
from schema.errors import InvalidInput, LimitExceeded
from schema.scopes import Scope

# What is left of a body that is not read must not be taken for the next request.
_CLOSE: Final = ((b"connection", b"close"),)
_ONLY_IDENTITY: Final = ((b"accept-encoding", b"identity"),)
_JSON_EXPECTED: Final = "The body is expected as JSON: send Content-Type: application/json."
_UTF_8_EXPECTED: Final = "The body is expected as JSON in UTF-8; another charset was declared."
_PLAIN_EXPECTED: Final = "The body is expected as it is, without a Content-Encoding."
_LONGEST_LENGTH: Final = 20
_KEPT_TYPES: Final = 64
_LONGEST_KEPT: Final = 64


class BodyReader:
    """Reads bodies within bounds.

    Args:
        limits: tells the bounds of now.
    """

    def __init__(self, limits: Callable[[], BodyLimits]) -> None:
        self._limits = limits
        self._refusal = lru_cache(_KEPT_TYPES)(_refusal_of_type)

    async def read(self, headers: RequestHeaders, receive: Receive, caller: Caller) -> bytes:
        """Return the body. Raises HTTPRefusal, or ClientDisconnect where it ends too early."""
        limits = self._limits()
        size = limits.mutation_size if Scope.WRITE in caller.scopes else limits.size
        self._check(headers, size)
        timer = _Timer(limits.timeout_s)
        try:
            return await run_with_watcher(_received(receive, size), timer)
        except asyncio.CancelledError as cause:
            if timer.lateness.uncancel():
                late = LimitExceeded.for_rule(
                    "body_time", "The body took longer to come than it may."
                )
                raise HttpError(408, late, _CLOSE) from cause
            raise

    def _check(self, headers: RequestHeaders, size: Limit) -> None:
        """Refuse what need not be read for it."""
        kind = headers.get(b"content-type", b"")
        refusal_of_type = self._refusal if len(kind) <= _LONGEST_KEPT else _refusal_of_type
        if refusal := refusal_of_type(kind):
            raise HttpError(415, InvalidInput(refusal), _CLOSE)
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise HttpError(415, InvalidInput(_PLAIN_EXPECTED), (*_CLOSE, *_ONLY_IDENTITY))
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:_LONGEST_LENGTH]) > size.maximum:
            raise _too_large(size)


async def _received(receive: Receive, size: Limit) -> bytes:
    parts: list[bytes] = []
    left = size.maximum
    while (message := await receive())["type"] == "http.request":
        part = message.get("body", b"")
        left -= len(part)
        if left < 0:
            raise _too_large(size)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
    raise ClientDisconnect


def _too_large(size: Limit) -> HttpError:
    return HttpError(413, size.exceeded("The body is larger than it may be."), _CLOSE)


class _Timer:
    """Breaks off what takes longer than a time."""

    def __init__(self, within_s: float) -> None:
        self.lateness = CancelScope()
        self._within_s = within_s

    def start(self) -> None:
        """Let the time begin."""
        self.lateness.bind()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._within_s, self.lateness.cancel)

    def stop(self) -> None:
        """It came in time, or too late."""
        self._timer.cancel()


def _refusal_of_type(content_type: bytes) -> str | None:
    """Say why a body of this type is not read; None where it is."""
    found = parse_media_type(content_type.decode("latin-1"))
    if found is None or found.name != "application/json":
        return _JSON_EXPECTED
    return None if found.is_utf_8 else _UTF_8_EXPECTED
