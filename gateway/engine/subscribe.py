"""Subscriptions: graphql-core's own, on documents that are prepared already.

Strawberry's way would parse and validate the text once more, without the rules of `prepare`.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from inspect import isawaitable
from typing import TypeAlias, cast

from graphql import ExecutionResult, GraphQLError, subscribe
from strawberry.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.engine.execute import Request
from gateway.engine.plan import graphql_schema
from gateway.engine.prepare import Prepared


class NoEvents(Exception):
    """A subscription that yields nothing: its variables do not fit, or its field refuses.

    Attributes:
        errors: why, as the response has it.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = list(errors)


Results: TypeAlias = AsyncGenerator[ExecutionResult, None]


async def results_of(schema: Schema, document: Prepared, request: Request) -> Results:
    """Return a result for each event. Raises NoEvents; what its source raises, it raises."""
    begun = subscribe(
        graphql_schema(schema),
        document.document,
        root_value=request.root_value,
        context_value=request.context,
        variable_values=request.variables,
        operation_name=request.operation_name,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        operation_extensions=request.operation_extensions,
    )
    results = await begun if isawaitable(begun) else begun
    if isinstance(results, ExecutionResult):
        raise NoEvents(results.errors or [])
    async with aclosing(cast("Results", results)) as events:
        async for result in events:
            yield result
