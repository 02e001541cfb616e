"""`/schema.graphql`: the graph in SDL, for code generators and linters."""

from collections.abc import Callable
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.auth.authenticators import Authenticator
from gateway.auth.caller import Caller


def routes(
    print_sdl: Callable[[], str], authenticator: Authenticator, check: Callable[[Caller], None]
) -> list[Route]:
    """One route that answers with the printed schema, as text that a browser shows.

    It tells what introspection tells: `check` raises Forbidden for who may not have that.
    It is printed when it is first asked for.
    """
    sdl = cache(print_sdl)

    async def schema(request: Request) -> Response:
        given = [value.encode() for value in request.headers.getlist("authorization")]
        check(await authenticator.authenticate(given))
        return PlainTextResponse(sdl(), headers={"Cache-Control": "no-cache"})

    return [Route("/schema.graphql", schema)]
