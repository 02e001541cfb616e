"""Whether an operation may run now: its variables, its cost, and what its caller has left."""

from collections.abc import Mapping
from typing import Any

import msgspec
from graphql import OperationType

from gateway.asgi import Header
from gateway.engine.prepare import Operation
from gateway.limits.attempts import attempts_of
from gateway.limits.cost.limit import CostLimit
from gateway.limits.rates import Rate
from gateway.limits.variables import VariablesLimits


class Allowed(msgspec.Struct, frozen=True):
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
        variables: VariablesLimits,
        cost: CostLimit,
        calls_rate: Rate | None = None,
        mutations_rate: Rate | None = None,
    ) -> None:
        self._variables = variables
        self._cost = cost
        self._calls_rate = calls_rate
        self._mutations_rate = mutations_rate

    def admit(
        self, operation: Operation, variables: Mapping[str, Any] | None, caller: str
    ) -> Allowed:
        """Take what it needs. Raises LimitExceeded."""
        self._variables.check(variables, operation.type)
        calls = self._cost.check(operation, variables)
        rates = self._takes(operation, variables, calls)
        if not rates:
            return Allowed(calls)
        left = ", ".join([rate.take(caller, units) for rate, units in rates])
        policies = ", ".join([rate.quota.policy for rate, _ in rates])
        headers = (b"ratelimit-policy", policies.encode()), (b"ratelimit", left.encode())
        return Allowed(calls, headers)

    def _takes(
        self, operation: Operation, variables: Mapping[str, Any] | None, calls: int
    ) -> list[tuple[Rate, int]]:
        """Find what to take; attempts first, for what is refused then has taken no calls."""
        takes = []
        if operation.type is OperationType.MUTATION and self._mutations_rate is not None:
            takes.append((self._mutations_rate, attempts_of(operation, variables)))
        if self._calls_rate is not None:
            takes.append((self._calls_rate, max(calls, 1)))
        return takes

    def settle(self, allowed: Allowed, caller: str, calls: int) -> None:
        """Take what was used beyond the estimate."""
        if self._calls_rate is not None and calls > max(allowed.calls, 1):
            self._calls_rate.add(caller, calls - max(allowed.calls, 1))
