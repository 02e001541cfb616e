"""What an operation may cost in expected upstream calls; refused before any is made."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from graphql import GraphQLSchema

from gateway.engine.prepare import Operation
from gateway.limits.bound import Bound
from gateway.limits.cost.compile import compile_estimate
from gateway.limits.cost.estimate import Estimate


class CostLimit:
    """Estimates operations; each is compiled when it first comes, and kept as long as it is."""

    def __init__(self, schema: GraphQLSchema, bound: Bound) -> None:
        self._schema = schema
        self._bound = bound
        self._estimates: WeakKeyDictionary[Operation, Estimate] = WeakKeyDictionary()

    def check(self, operation: Operation, variables: Mapping[str, Any] | None) -> int:
        """Return the expected calls. Raises LimitExceeded where they are too many."""
        estimate = self._estimates.get(operation)
        if estimate is None:
            estimate = compile_estimate(self._schema, operation.node, operation.fragments)
            self._estimates[operation] = estimate
        calls = estimate.calls(variables)
        self._bound.check(
            calls, "The operation may need too many upstream calls; ask for smaller pages."
        )
        return calls
