"""Whether an operation may run now: its variables, its cost, and what its caller has left."""

from collections.abc import Mapping
from typing import Any

import msgspec
from graphql import OperationType

from gateway.asgi import Header
from gateway.engine.prepare import PreparedOperation
from gateway.limits.cost.limit import CostLimit
from gateway.limits.mutation_attempts import count_mutation_attempts
from gateway.limits.rate_limiter import RateLimiter
from gateway.limits.variables import VariableLimits


class RequestCost(msgspec.Struct, frozen=True):
    """What was granted.

    Attributes:
        calls: upstream calls that are expected.
        headers: what HTTP tells of the caller's rates.
    """

    calls: int
    headers: tuple[Header, ...] = ()


class RequestLimits:
    """The rules for what comes with a known document, in order.

    Args:
        variables: the bounds of what comes beside it.
        cost: the bound of its expected upstream calls.
        calls_rate: how many of these a caller has; none is without end.
        mutations_rate: how many attempts to change something; likewise.
    """

    def __init__(
        self,
        variables: VariableLimits,
        cost: CostLimit,
        calls_rate: RateLimiter | None = None,
        mutations_rate: RateLimiter | None = None,
    ) -> None:
        self._variables = variables
        self._cost = cost
        self._calls_rate = calls_rate
        self._mutations_rate = mutations_rate

    def check(
        self, operation: PreparedOperation, variables: Mapping[str, Any] | None, caller: str
    ) -> RequestCost:
        """Take what it needs. Raises LimitExceeded."""
        self._variables.check(variables, operation.type)
        calls = self._cost.check(operation, variables)
        rates = self._takes(operation, variables, calls)
        if not rates:
            return RequestCost(calls)
        left = ", ".join([rate.acquire(caller, units) for rate, units in rates])
        policies = ", ".join([rate.limit.policy for rate, _ in rates])
        headers = (b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode())
        return RequestCost(calls, headers)

    def _takes(
        self, operation: PreparedOperation, variables: Mapping[str, Any] | None, calls: int
    ) -> list[tuple[RateLimiter, int]]:
        """Find what to take; attempts first, for what is refused then has taken no calls."""
        takes = []
        if operation.type is OperationType.MUTATION and self._mutations_rate is not None:
            takes.append((self._mutations_rate, count_mutation_attempts(operation, variables)))
        if self._calls_rate is not None:
            takes.append((self._calls_rate, max(calls, 1)))
        return takes

    def charge(self, allowed: RequestCost, caller: str, calls: int) -> None:
        """Take what was used beyond the estimate."""
        if self._calls_rate is not None and calls > max(allowed.calls, 1):
            self._calls_rate.charge(caller, calls - max(allowed.calls, 1))
