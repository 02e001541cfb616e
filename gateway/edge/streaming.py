"""One request, whatever its kind, as a stream of answers; what SSE and WebSocket share."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from graphql import OperationType

from gateway.auth.caller import Caller
from gateway.edge.cancellation.detached_tasks import DetachedTasks
from gateway.edge.pipeline import AcceptedRequest, RequestPipeline
from gateway.edge.request import GraphQLRequest
from gateway.edge.response import GraphQLResponse, error_response
from gateway.limits.concurrency import ConcurrencyLimit
from schema.errors import LimitExceeded

TOO_MANY_RUNNING: Final = "So many requests are being answered on this connection; wait for one."


class StreamExecutor:
    """Answers requests in streams.

    Args:
        subscriptions: how many each caller may have.
    """

    def __init__(self, pipeline: RequestPipeline, subscriptions: ConcurrencyLimit) -> None:
        self._pipeline = pipeline
        self._subscriptions = subscriptions
        self._mutations = DetachedTasks()

    def accept(self, request: GraphQLRequest, caller: Caller) -> AcceptedRequest:
        """Find out whether a request can be answered. Raises Refused."""
        return self._pipeline.accept(request, caller)

    async def execute(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        """Yield an answer for each event of a subscription, one for anything else.

        Who stops reading stops a query and a subscription; a mutation goes on.
        """
        responses = self._execute(accepted)
        first = None
        if accepted.operation.type is OperationType.MUTATION:
            # Not closed below while it goes on without its client.
            first = await self._mutations.run(_first(responses))
        async with aclosing(responses):
            if first is not None:
                yield first
            async for response in responses:
                yield response

    async def _execute(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        if accepted.is_subscription:
            several = self._subscribe(accepted)
        elif accepted.operation.is_incremental:
            several = self._pipeline.stream(accepted)
        else:
            yield await self._pipeline.execute(accepted)
            return
        async with aclosing(several):
            async for response in several:
                yield response

    async def _subscribe(self, accepted: AcceptedRequest) -> AsyncGenerator[GraphQLResponse, None]:
        try:
            with self._subscriptions.acquire(accepted.caller.principal):
                async with aclosing(self._pipeline.subscribe(accepted)) as events:
                    async for response in events:
                        yield response
        except LimitExceeded as reason:
            yield error_response(reason)


async def _first(responses: AsyncGenerator[GraphQLResponse, None]) -> GraphQLResponse:
    return await anext(responses)
