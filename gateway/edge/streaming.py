"""One request, whatever its kind, as a stream of answers; what SSE and WebSocket share."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from graphql import OperationType

from gateway.auth.caller import Caller
from gateway.edge.answer import Answer, refusal_of
from gateway.edge.lifetimes.outliving import Outliving
from gateway.edge.pipeline import Admitted, Pipeline
from gateway.edge.request import GraphQLRequest
from gateway.limits.concurrency import ConcurrencyLimit
from schema.problems import LimitExceeded

TOO_MANY: Final = "So many requests are being answered on this connection; wait for one."


class Streaming:
    """Answers requests in streams.

    Args:
        subscriptions: how many each caller may have.
    """

    def __init__(self, pipeline: Pipeline, subscriptions: ConcurrencyLimit) -> None:
        self._pipeline = pipeline
        self._subscriptions = subscriptions
        self._mutations = Outliving()

    def admit(self, request: GraphQLRequest, caller: Caller) -> Admitted:
        """Find out whether a request can be answered. Raises Refused."""
        return self._pipeline.admit(request, caller)

    async def answers(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        """Yield an answer for each event of a subscription, one for anything else.

        Who stops reading stops a query and a subscription; a mutation goes on.
        """
        answers = self._answers(admitted)
        first = None
        if admitted.operation.type is OperationType.MUTATION:
            # Not closed below while it goes on without its client.
            first = await self._mutations.finish(_first(answers))
        async with aclosing(answers):
            if first is not None:
                yield first
            async for answer in answers:
                yield answer

    async def _answers(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        if admitted.is_followed:
            several = self._events(admitted)
        elif admitted.operation.is_incremental:
            several = self._pipeline.stream(admitted)
        else:
            yield await self._pipeline.answer(admitted)
            return
        async with aclosing(several):
            async for answer in several:
                yield answer

    async def _events(self, admitted: Admitted) -> AsyncGenerator[Answer, None]:
        try:
            with self._subscriptions.acquire(admitted.caller.principal):
                async with aclosing(self._pipeline.events(admitted)) as events:
                    async for answer in events:
                        yield answer
        except LimitExceeded as reason:
            yield refusal_of(reason)


async def _first(answers: AsyncGenerator[Answer, None]) -> Answer:
    return await anext(answers)
