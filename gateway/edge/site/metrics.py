"""`/metrics`, for Prometheus."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.auth.authenticators import Authenticator
from gateway.edge.headers import read_authorizations
from gateway.observability.metrics import CONTENT_TYPE

PATH: Final = "/metrics"


def routes(printed: Callable[[], bytes], authenticator: Authenticator) -> list[Route]:
    """The counts of this process, for callers of any scope: they tell nothing of a customer."""

    async def metrics(request: Request) -> Response:
        await authenticator.authenticate(read_authorizations(request.scope))
        return Response(printed(), headers={"Content-Type": CONTENT_TYPE})

    return [Route(PATH, metrics)]
