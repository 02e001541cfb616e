"""GraphQL over HTTP by Strawberry's integration: POST, and GET for queries."""

import contextlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.schema import Schema
from strawberry.types import ExecutionResult

from gateway.edge.disconnects import while_connected
from gateway.edge.failures import present
from gateway.engine import Engine, InvalidDocument
from resolvers.context import RequestContext
from resolvers.graph import RULES

ContextFactory = Callable[[Request | WebSocket], RequestContext]


# Bounds the memory of documents that are kept prepared, besides the time to check one.
MAX_TOKENS: Final = 2_000


class GraphQLEndpoint(GraphQL[RequestContext, None]):
    """Runs each request in a context of its own and presents what failed in it.

    Args:
        compiles: whether documents run through compiled plans, or on graphql-core.
    """

    def __init__(self, graph: Schema, context_of: ContextFactory, *, compiles: bool) -> None:
        super().__init__(graph, graphql_ide=None, subscription_protocols=())
        self._engine = Engine(graph, rules=RULES, max_tokens=MAX_TOKENS, compiles=compiles)
        self._context_of = context_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; one whose client has left needs no answer."""
        with contextlib.suppress(ClientDisconnect):
            await super().__call__(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> RequestContext:
        """Make the context of one request."""
        return self._context_of(request)

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: RequestContext,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """Execute, a query only while its client is there, then give every error its code."""
        try:
            result = await self._execute(request, request_data, context)
        finally:
            context.loaders.cancel()
        if result.errors:
            result.errors = present(result.errors, context.correlation_id)
        return result

    async def _execute(
        self, request: Request, data: GraphQLRequestData, context: RequestContext
    ) -> ExecutionResult:
        if not data.query:
            raise HTTPException(400, "No GraphQL query found in the request")
        try:
            document = self._engine.prepare(data.query)
        except InvalidDocument as invalid:
            return ExecutionResult(None, invalid.errors)
        operation = document.operation(data.operation_name)
        changes = operation is not None and operation.type is not OperationType.QUERY
        if changes and request.method == "GET":
            raise HTTPException(400, "Only queries are run over GET; send this by POST.")
        executing = self._engine.execute(
            document,
            context=context,
            variables=data.variables,
            operation_name=data.operation_name,
            operation_extensions=data.extensions,
        )
        # What changes something goes on when its client has left.
        return await (executing if changes else while_connected(request.receive, executing))

    def parse_json(self, data: str | bytes) -> Any:
        """Read an object, or the list of a batch; anything else is told with what was expected."""
        try:
            parsed = super().parse_json(data)
        except UnicodeDecodeError as cause:
            raise HTTPException(400, "The body is JSON in UTF-8; this is not UTF-8.") from cause
        except RecursionError as cause:
            raise HTTPException(400, "The JSON is nested too deeply to be read.") from cause
        if not isinstance(parsed, dict | list):
            kind = type(parsed).__name__
            raise HTTPException(400, f'The JSON is an object such as {{"query": "…"}}, not {kind}.')
        return parsed

    def encode_json(self, data: Any) -> bytes:
        """Print as UTF-8 without spaces."""
        return msgspec.json.encode(data)
