"""`/metrics` and `/schema.graphql`, which need a credential where GraphQL does."""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller
from gateway.auth.errors import SigningKeysUnavailable, Unauthenticated
from gateway.edge.headers import read_authorizations
from gateway.observability.metrics import CONTENT_TYPE
from schema.errors import Forbidden

METRICS_PATH: Final = "/metrics"

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


def metrics_route(render: Callable[[], Awaitable[bytes]], authenticator: Authenticator) -> Route:
    """Serve the metrics to callers of any scope, because they contain no customer data."""

    async def metrics(request: Request) -> Response:
        await authenticator.authenticate(read_authorizations(request.scope))
        return Response(await render(), headers={"Content-Type": CONTENT_TYPE})

    return Route(METRICS_PATH, metrics)


def schema_route(
    print_sdl: Callable[[], str],
    authenticator: Authenticator,
    check_introspection: Callable[[Caller], None],
) -> Route:
    """Serve the schema to callers that may use introspection; else `check_introspection` raises."""
    sdl = cache(print_sdl)  # printed for the first request

    async def schema(request: Request) -> Response:
        check_introspection(await authenticator.authenticate(read_authorizations(request.scope)))
        return PlainTextResponse(sdl(), headers={"Cache-Control": "no-cache"})

    return Route("/schema.graphql", schema)


async def _unauthenticated(request: Request, error: Exception) -> Response:
    challenge = cast("Unauthenticated", error).challenge
    return PlainTextResponse(f"{error}\n", 401, {"WWW-Authenticate": challenge})


async def _unavailable(request: Request, error: Exception) -> Response:
    retry_after = str(SigningKeysUnavailable.retry_after_s)
    return PlainTextResponse(f"{error}\n", 503, {"Retry-After": retry_after})


async def _forbidden(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 403)


ERROR_HANDLERS: Final[Mapping[type[Exception], ErrorHandler]] = {
    Unauthenticated: _unauthenticated,
    SigningKeysUnavailable: _unavailable,
    Forbidden: _forbidden,
}
