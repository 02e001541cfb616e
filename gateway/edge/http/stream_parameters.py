"""The header and the parameters of requests in the single connection mode of SSE."""

from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Scope

from gateway.edge.headers import RequestHeaders

TOKEN_HEADER: Final = b"x-graphql-event-stream-token"


def uses_shared_stream(scope: Scope, headers: RequestHeaders) -> bool:
    """Whether a request uses SSE's single connection mode."""
    return (
        scope["method"] in ("PUT", "DELETE")
        or TOKEN_HEADER in headers
        or bool(scope["query_string"] and "token" in read_parameters(scope))
    )


def read_parameters(scope: Scope) -> dict[str, str]:
    """Return `token` and `operationId` of the query string."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    return {name: value for name, value in pairs if name in ("token", "operationId")}
