"""Executes a request of any type as a stream of responses, for SSE and WebSocket."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from graphql import OperationType

from gateway.auth.caller import Caller
from gateway.edge.cancellation.tasks import DetachedTasks
from gateway.edge.pipeline import AcceptedRequest, RequestPipeline
from gateway.edge.request import GraphQLRequest
from gateway.edge.response import GraphQLResponse, error_response
from gateway.limits.concurrency import ConcurrencyLimit
from schema.errors import LimitExceeded

TOO_MANY_RUNNING: Final = (
    "This connection has too many requests in progress. Wait until one has completed."
)


class StreamExecutor:
    """Executes a request of any type, and yields its responses.

    Args:
        subscriptions: limits the open subscriptions of each caller.
    """

    def __init__(self, pipeline: RequestPipeline, subscriptions: ConcurrencyLimit) -> None:
        self._pipeline = pipeline
        self._subscriptions = subscriptions
        self._mutations = DetachedTasks()

    def accept(self, request: GraphQLRequest, caller: Caller) -> AcceptedRequest:
        """Check whether a request may be executed. Raises RequestRejected."""
        return self._pipeline.accept(request, caller)

    def reject(self, reason: LimitExceeded) -> GraphQLResponse:
        """Build the response for a request or connection that exceeds a limit, and count it."""
        response = error_response(reason)
        self._pipeline.observer.on_error(response)
        return response

    async def execute(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        """Yield one response for each event of a subscription, or the response of the request.

        Closing the generator ends a query or a subscription; a mutation continues.
        """
        responses = self._execute(accepted)
        first = None
        if accepted.operation.type is OperationType.MUTATION:
            # Outside of the block that closes `responses`: the mutation may outlast its client.
            first = await self._mutations.run(_first(responses))
        async with aclosing(responses):
            if first is not None:
                yield first
            async for response in responses:
                yield response

    async def _execute(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        if accepted.is_subscription:
            responses = self._subscribe(accepted)
        elif accepted.operation.is_incremental:
            responses = self._pipeline.stream(accepted)
        else:
            yield await self._pipeline.execute(accepted)
            return
        async with aclosing(responses):
            async for response in responses:
                yield response

    async def _subscribe(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        try:
            with self._subscriptions.acquire(accepted.caller.principal):
                async with aclosing(self._pipeline.subscribe(accepted)) as events:
                    async for event in events:
                        yield event
        except LimitExceeded as reason:
            yield self.reject(reason)


async def _first(responses: AsyncGenerator[GraphQLResponse, None]) -> GraphQLResponse:
    return await anext(responses)
