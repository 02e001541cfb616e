"""`/schema.graphql`: the graph in SDL, for code generators and linters."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def routes(sdl: str) -> list[Route]:
    """One route that answers with the printed schema, as text that a browser shows."""

    async def schema(request: Request) -> Response:
        return PlainTextResponse(sdl, headers={"Cache-Control": "no-cache"})

    return [Route("/schema.graphql", schema)]
