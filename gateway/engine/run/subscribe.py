"""Subscriptions: graphql-core's own, on documents that are prepared already.

Strawberry's way would parse and validate the text once more, without the rules of `prepare`.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from inspect import isawaitable
from typing import TypeAlias, cast

from graphql import DocumentNode, ExecutionResult, GraphQLError, subscribe
from strawberry.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.run.execution import ExecutionRequest


class SubscriptionRejected(Exception):
    """A subscription that yields nothing: its variables do not fit, or its field refuses.

    Attributes:
        errors: why, as the response has it.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


ResultStream: TypeAlias = AsyncGenerator[ExecutionResult, None]


async def subscribe_results(
    schema: Schema, document: DocumentNode, request: ExecutionRequest
) -> ResultStream:
    """Return a result for each event. Raises NoEvents; what its source raises, it raises."""
    begun = subscribe(
        unwrap_schema(schema),
        document,
        root_value=request.root_value,
        context_value=request.context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        operation_extensions=request.operation_extensions,
    )
    results = await begun if isawaitable(begun) else begun
    if isinstance(results, ExecutionResult):
        raise SubscriptionRejected(results.errors or [])
    async with aclosing(cast("ResultStream", results)) as events:
        async for result in events:
            yield result
