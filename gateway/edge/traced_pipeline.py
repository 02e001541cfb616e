"""Records GraphQL operations as spans. Used only if traces are on."""

from typing import Any

from gateway.edge.pipeline import AcceptedRequest, RequestPipeline
from gateway.edge.response import GraphQLResponse
from gateway.observability.tracing import Tracing


class TracedPipeline(RequestPipeline):
    """A request pipeline that records queries and mutations as spans.

    The spans of a stream are children of the span of its HTTP request.
    """

    def __init__(self, *parts: Any, tracing: Tracing, **others: Any) -> None:
        super().__init__(*parts, **others)
        self._tracing = tracing

    async def execute(self, accepted: AcceptedRequest) -> GraphQLResponse:
        if not self._tracing.is_recorded():
            return await super().execute(accepted)
        operation = accepted.operation
        attributes = {
            "graphql.operation.name": operation.name,
            "graphql.operation.type": operation.type_name,
        }
        # A client chooses the names of its operations; only registered ones are few.
        name = f"{operation.type_name} {accepted.name}"
        with self._tracing.span(name, attributes) as span:
            response = await super().execute(accepted)
            if response.errors:
                self._tracing.fail(span, response.outcome)
            return response
