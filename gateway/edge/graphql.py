"""GraphQL over HTTP by Strawberry's integration: POST, and GET for queries."""

from collections.abc import Callable
from typing import Any

import msgspec
from cross_web import AsyncHTTPRequestAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionResult

from gateway.edge.failures import present
from resolvers.context import RequestContext

ContextFactory = Callable[[Request | WebSocket], RequestContext]


class GraphQLEndpoint(GraphQL[RequestContext, None]):
    """Runs each request in a context of its own and presents what failed in it."""

    def __init__(self, graph: BaseSchema, context_of: ContextFactory) -> None:
        super().__init__(graph, graphql_ide=None, subscription_protocols=())
        self._context_of = context_of

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
        """Execute, then give every error its code."""
        result = await super().execute_single(
            request, request_adapter, sub_response, context, root_value, request_data
        )
        if result.errors:
            result.errors = present(result.errors, context.correlation_id)
        return result

    def encode_json(self, data: Any) -> bytes:
        """Print as UTF-8 without spaces."""
        return msgspec.json.encode(data)
