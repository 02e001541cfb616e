"""A Partner Center that answers by script over real HTTP, and the graph over it."""

import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from graphql import GraphQLFormattedError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.clock import SystemClock
from gateway.credentials import SecretToken
from gateway.edge.error_codes import format_errors
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.client import UpstreamClient
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.endpoints import ENDPOINTS
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.tokens.static import StaticTokens
from gateway.upstream.transport.factory import create_transport
from resolvers.context import RequestContext
from resolvers.graph import Graph, build_graph
from resolvers.request_loaders import RequestLoaders
from tests.support.empty_ports import empty_ports
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S

CORRELATION_ID: Final = "81b08ffe-4cf8-49cd-82db-5c2fb0a8e132"


@dataclass(frozen=True, slots=True)
class ScriptedResponse:
    """A response of the upstream. A body that is not bytes is encoded as JSON."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that the gateway sent."""

    operation: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class ScriptedUpstream:
    """Returns a fixed response to each vendor operation, by its name in the gateway's table."""

    def __init__(self, replies: Mapping[str, ScriptedResponse]) -> None:
        self.replies = dict(replies)
        self.received: list[ReceivedRequest] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = Request(scope, receive)
        name = _operation(request.method, request.url.path)
        body = await request.body()
        self.received.append(
            ReceivedRequest(
                name, request.url.path, dict(request.query_params), request.headers, body
            )
        )
        reply = self.replies[name]
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        await Response(content, reply.status, dict(reply.headers))(scope, receive, send)

    def count_calls(self, operation: str) -> int:
        """How often an operation was called."""
        return sum(request.operation == operation for request in self.received)

    def request_id(self, index: int) -> str:
        """The `MS-RequestId` of a request."""
        return self.received[index].headers["MS-RequestId"]


async def _lifespan(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": message["type"] + ".complete"})
    await send({"type": "lifespan.shutdown.complete"})


def _operation(method: str, path: str) -> str:
    for endpoint in ENDPOINTS:
        pattern = endpoint.path.replace("{}", "[^/]+")
        if method == endpoint.method and re.fullmatch(pattern, path):
            return endpoint.name
    raise LookupError(f"{method} {path} is no operation of the vendor's")


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """The result of a document, with errors as a client sees them."""

    data: Any
    errors: list[GraphQLFormattedError]


class GraphOverUpstream:
    """Runs documents, each with a context of its own, over one client and one catalog cache."""

    def __init__(self, client: UpstreamClient) -> None:
        self._client = client
        self.reset_catalog()

    def reset_catalog(self) -> None:
        """Read the catalog anew from now on."""
        self._caches = CatalogCaches(1000, 3600, 3600, SystemClock().monotonic)

    def context(self) -> RequestContext:
        """Begin a request."""
        # Shorter than the pauses in the tests, so that requests fail instead of waiting.
        deadline = SystemClock().monotonic() + 50
        scope = RequestScope("partner", CORRELATION_ID, deadline, CallBudget(1000))
        directory = PartnerDirectory(self._client, scope, self._caches)
        return RequestContext(
            directory=directory,
            loaders=RequestLoaders(directory, empty_ports),
            correlation_id=CORRELATION_ID,
            max_page_size=100,
            ports=empty_ports,
            create_directory=lambda: directory,
            wall_clock=SystemClock().wall,
            preview_ttl_s=900.0,
            calls_made=scope.budget.get_spent,
        )

    async def execute(self, document: str, **variables: object) -> ExecutionResult:
        """Run a document of one operation."""
        result = await cached_graph().execute(document, variables, self.context())
        errors = format_errors(result.errors or [], CORRELATION_ID)
        return ExecutionResult(result.data, [error.formatted for error in errors])

    async def data(self, document: str, **variables: object) -> Any:
        """Run a document that must succeed and return its data."""
        result = await self.execute(document, **variables)
        assert not result.errors, result.errors
        return result.data

    async def error(self, document: str, **variables: object) -> GraphQLFormattedError:
        """Run a document that must fail in one place and return how."""
        result = await self.execute(document, **variables)
        (error,) = result.errors
        return error


@cache
def cached_graph() -> Graph:
    """The graph that is served; making it takes as long as many tests."""
    return build_graph()


class ScriptedGraph(GraphOverUpstream):
    """The graph over an upstream that answers by script."""

    def __init__(self, client: UpstreamClient, upstream: ScriptedUpstream) -> None:
        super().__init__(client)
        self.upstream = upstream


@contextlib.asynccontextmanager
async def graph_over(replies: Mapping[str, ScriptedResponse]) -> AsyncIterator[ScriptedGraph]:
    """Serve the replies and open a graph to them."""
    upstream = ScriptedUpstream(replies)
    tokens = StaticTokens(SecretToken("token-of-the-test"))
    async with serving(upstream) as base_url, _client(base_url, tokens) as client:
        yield ScriptedGraph(client, upstream)


@contextlib.asynccontextmanager
async def graph_at(sandbox_url: str) -> AsyncIterator[GraphOverUpstream]:
    """Open a graph to a sandbox, as the user whom every sandbox has."""
    async with contextlib.AsyncExitStack() as stack:
        transport = create_transport("auto", connect_timeout_s=HANG_TIMEOUT_S)
        stack.push_async_callback(transport.aclose)
        tokens = SandboxTokens(transport, sandbox_url, SystemClock())
        client = await stack.enter_async_context(_client(sandbox_url, tokens))
        yield GraphOverUpstream(client)


@contextlib.asynccontextmanager
async def _client(base_url: str, tokens: TokenProvider) -> AsyncIterator[UpstreamClient]:
    """Send every call once."""
    pressure = ClientLimits(max_attempts=1, attempt_timeout_s=HANG_TIMEOUT_S)
    transport = create_transport("auto", connect_timeout_s=HANG_TIMEOUT_S)
    client = UpstreamClient(transport, tokens, base_url, clock=SystemClock(), limits=pressure)
    try:
        yield client
    finally:
        await client.aclose()
