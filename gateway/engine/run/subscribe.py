"""Runs subscriptions on graphql-core, without parsing and validating the document again.

Strawberry's own `subscribe` would do both, and would not apply the rules of `prepare.py`.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from inspect import isawaitable
from typing import TypeAlias, cast

from graphql import DocumentNode, ExecutionResult, GraphQLError, subscribe
from strawberry.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.engine.graphql_internals import unwrap_schema
from gateway.engine.types import ExecutionRequest

ResultStream: TypeAlias = AsyncGenerator[ExecutionResult, None]


class SubscriptionRejected(Exception):
    """A subscription failed before its first event, for example because of its variables.

    Attributes:
        errors: the `errors` of the response.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


async def subscribe_results(
    schema: Schema, document: DocumentNode, request: ExecutionRequest
) -> ResultStream:
    """Yield a result for each event. Raises SubscriptionRejected, and errors of the source."""
    subscribed = subscribe(
        unwrap_schema(schema),
        document,
        root_value=request.root_value,
        context_value=request.context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        operation_extensions=request.operation_extensions,
    )
    results = await subscribed if isawaitable(subscribed) else subscribed
    if isinstance(results, ExecutionResult):
        raise SubscriptionRejected(results.errors or [])
    async with aclosing(cast("ResultStream", results)) as events:
        async for result in events:
            yield result
