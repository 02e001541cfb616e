"""The limit for the estimated upstream calls of an operation."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLSchema

from gateway.engine.prepare import PreparedOperation
from gateway.limits.cost.compile import compile_estimate
from gateway.limits.cost.estimate import CostEstimate
from gateway.limits.limit import Limit
from schema.errors import LimitExceeded

_MAX_PATH_LENGTH: Final = 200


class CostExceeded(LimitExceeded):
    """The estimated upstream calls of an operation exceed the limit.

    Attributes:
        estimated: the estimate.
        cost: `extensions.cost` of the error.
    """

    estimated: int
    cost: dict[str, Any]


class CostLimit:
    """Limits the estimated upstream calls of operations.

    An estimate is compiled once, and kept as long as its operation.
    """

    def __init__(self, schema: GraphQLSchema, limit: Limit) -> None:
        self._schema = schema
        self._limit = limit

    def check(self, operation: PreparedOperation, variables: Mapping[str, Any] | None) -> int:
        """Return the estimated upstream calls. Raises CostExceeded."""
        estimate: CostEstimate | None = operation.derived.get(self)
        if estimate is None:
            estimate = compile_estimate(self._schema, operation.node, operation.fragments)
            operation.derived[self] = estimate
        calls = estimate.calls(variables)
        if calls > self._limit.maximum:
            raise self._exceeded(calls, *estimate.most_expensive_field(variables))
        return calls

    def _exceeded(self, estimated: int, field_calls: int, path: str) -> CostExceeded:
        maximum = self._limit.maximum if self._limit.reveal_value else None
        limit = "the limit" if maximum is None else f"the limit of {maximum:,}"
        field = path[:_MAX_PATH_LENGTH]
        error = CostExceeded.for_rule(
            self._limit.rule,
            f"The operation needs an estimated {estimated:,} upstream calls, which exceeds {limit}."
            f" The field `{field}` needs {field_calls:,} of them."
            " Request smaller pages or fewer fields.",
            maximum,
        )
        error.estimated = estimated
        error.cost = {"estimated": estimated, "field": field, "fieldCalls": field_calls}
        if maximum is not None:
            error.cost["limit"] = maximum
        return error
