"""The limits for a request with a known document: variables, cost, and rates of its caller."""

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
    """The charge for an accepted request.

    Attributes:
        calls: the estimated upstream calls.
        headers: the HTTP headers about the caller's rate limits.
    """

    calls: int
    headers: tuple[Header, ...] = ()


class RequestLimits:
    """Applies the limits in this order: variables, cost, rate of mutations, rate of upstream calls.

    Args:
        calls_rate: limits estimated upstream calls; None for no limit.
        mutations_rate: limits mutation attempts; None for no limit.
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
        """Check all limits and charge the caller. Raises LimitExceeded."""
        self._variables.check(variables, operation.type)
        calls = self._cost.check(operation, variables)
        if self._calls_rate is None and self._mutations_rate is None:
            return RequestCost(calls)
        charges = self._charges(operation, variables, calls)
        if not charges:
            return RequestCost(calls)
        remaining = ", ".join([limiter.acquire(caller, units) for limiter, units in charges])
        policies = ", ".join([limiter.limit.policy for limiter, _ in charges])
        headers = (b"ratelimit-policy", policies.encode()), (b"ratelimit", remaining.encode())
        return RequestCost(calls, headers)

    def _charges(
        self, operation: PreparedOperation, variables: Mapping[str, Any] | None, calls: int
    ) -> list[tuple[RateLimiter, int]]:
        # Mutations come first, so that a request that exceeds their rate takes no calls.
        charges = []
        if operation.type is OperationType.MUTATION and self._mutations_rate is not None:
            charges.append((self._mutations_rate, count_mutation_attempts(operation, variables)))
        if self._calls_rate is not None:
            charges.append((self._calls_rate, max(calls, 1)))
        return charges

    def charge(self, cost: RequestCost, caller: str, calls: int) -> None:
        """Charge the caller for the calls that a request made beyond its estimate."""
        if self._calls_rate is not None and calls > max(cost.calls, 1):
            self._calls_rate.charge(caller, calls - max(cost.calls, 1))
