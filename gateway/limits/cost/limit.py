"""What an operation may cost in expected upstream calls; refused before any is made."""

from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from graphql import GraphQLSchema

from gateway.engine.prepare import PreparedOperation
from gateway.limits.cost.compile import compile_estimate
from gateway.limits.cost.estimate import CostEstimate
from gateway.limits.limit import Limit
from schema.errors import LimitExceeded

_LONGEST_PATH: Final = 200


class CostExceeded(LimitExceeded):
    """An operation that is expected to need too many upstream calls.

    Attributes:
        estimated: how many.
        cost: `extensions.cost` of its error.
    """

    estimated: int
    cost: dict[str, Any]


class CostLimit:
    """Estimates operations; each is compiled when it first comes, and kept as long as it is."""

    def __init__(self, schema: GraphQLSchema, bound: Limit) -> None:
        self._schema = schema
        self._bound = bound
        self._estimates: WeakKeyDictionary[PreparedOperation, CostEstimate] = WeakKeyDictionary()

    def check(self, operation: PreparedOperation, variables: Mapping[str, Any] | None) -> int:
        """Return the expected calls. Raises CostExceeded where they are too many."""
        estimate = self._estimates.get(operation)
        if estimate is None:
            estimate = compile_estimate(self._schema, operation.node, operation.fragments)
            self._estimates[operation] = estimate
        calls = estimate.calls(variables)
        if calls > self._bound.maximum:
            raise self._exceeded(calls, *estimate.most_expensive_field(variables))
        return calls

    def _exceeded(self, estimated: int, most: int, path: str) -> CostExceeded:
        limit = self._bound.maximum if self._bound.reveal_value else None
        allowed = "too many" if limit is None else f"{limit:,} allowed"
        field = path[:_LONGEST_PATH]
        error = CostExceeded.for_rule(
            self._bound.rule,
            f"Estimated {estimated:,} upstream calls, {allowed}; `{field}` accounts for {most:,}."
            " Ask for smaller pages or fewer fields.",
            limit,
        )
        error.estimated = estimated
        error.cost = {"estimated": estimated, "field": field, "fieldCalls": most}
        if limit is not None:
            error.cost["limit"] = limit
        return error
