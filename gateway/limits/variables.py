"""How much the variables of a request may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import OperationType

from gateway.limits.limit import Limit
from gateway.limits.nesting import check_nesting


@dataclass(frozen=True, slots=True)
class VariableLimits:
    """Bounds of what comes beside a document, whatever protocol it came by."""

    size: Limit
    mutation_size: Limit
    depth: Limit

    def check(self, variables: Mapping[str, Any] | None, operation_type: OperationType) -> None:
        """Raise LimitExceeded for variables that are too large or too deep."""
        if not variables:
            return
        json = msgspec.json.encode(variables)
        size = self.mutation_size if operation_type is OperationType.MUTATION else self.size
        size.check(len(json), "The variables are too large; send less at once.")
        check_nesting(json, self.depth)
