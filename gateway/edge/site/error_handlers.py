"""What the pages that are not GraphQL answer to somebody who is not known, or may not."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from schema.errors import Forbidden

Handler = Callable[[Request, Exception], Awaitable[Response]]


async def _unauthenticated(request: Request, stranger: Exception) -> Response:
    challenge = cast("Unauthenticated", stranger).challenge
    return PlainTextResponse(f"{stranger}\n", 401, {"WWW-Authenticate": challenge})


async def _unavailable(request: Request, trouble: Exception) -> Response:
    return PlainTextResponse(
        f"{trouble}\n", 503, {"Retry-After": str(SigningKeysUnavailable.retry_after_s)}
    )


async def _forbidden(request: Request, problem: Exception) -> Response:
    return PlainTextResponse(f"{problem}\n", 403)


HANDLERS: Final[Mapping[type[Exception], Handler]] = {
    Unauthenticated: _unauthenticated,
    SigningKeysUnavailable: _unavailable,
    Forbidden: _forbidden,
}
