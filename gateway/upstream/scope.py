"""The request on whose behalf upstream calls are made."""

from collections.abc import Callable
from typing import Any

import msgspec

from gateway.credentials import SecretToken
from gateway.upstream.errors import CallBudgetExceeded


class CallBudget:
    """Limits the number of upstream calls of one request.

    Args:
        on_spend: called for every call.

    Attributes:
        reveal_limit: whether the error contains the limit; false in production.
    """

    __slots__ = ("_on_spend", "max_calls", "reveal_limit", "spent")

    def __init__(
        self,
        max_calls: int,
        on_spend: Callable[[], None] | None = None,
        *,
        reveal_limit: bool = False,
    ) -> None:
        self.max_calls = max_calls
        self.reveal_limit = reveal_limit
        self.spent = 0
        self._on_spend = on_spend

    def try_spend(self) -> bool:
        """Count one call. Returns False if none is left."""
        if self.spent >= self.max_calls:
            return False
        self.spent += 1
        if self._on_spend is not None:
            self._on_spend()
        return True

    def get_spent(self) -> int:
        return self.spent

    def spend(self) -> None:
        """Count one call. Raises `CallBudgetExceeded` if none is left."""
        if not self.try_spend():
            error = CallBudgetExceeded(
                "The request needs more upstream calls than one request may make."
                " Select fewer objects at once."
            )
            error.maximum = self.max_calls if self.reveal_limit else None
            raise error


class RequestScope(msgspec.Struct, eq=False):
    """The request for which upstream calls are made: its identity, deadline and call budget.

    Scopes are compared by identity. Only the deadline of a shared read can change.

    Attributes:
        identity: names the caller as the vendor sees it; part of the keys for shared reads, rate
            limits and caches.
        token: the caller's own token, in passthrough mode.
        correlation_id: sent as `MS-CorrelationId` with every call of the request.
        deadline: a time in seconds of the monotonic clock.
        budget: the calls that the request may make. Because copies of a scope share it, it also
            identifies the request where requests take turns.
        trace: the context of the spans of its calls; None if traces are off.
    """

    identity: str
    correlation_id: str
    deadline: float
    budget: CallBudget
    token: SecretToken | None = None
    trace: Any = None

    def for_shared_read(self) -> "RequestScope":
        """Return a copy for a read that may outlive this request."""
        return RequestScope(
            self.identity, self.correlation_id, self.deadline, self.budget, self.token, self.trace
        )

    def extend_deadline(self, deadline: float) -> None:
        """Move the deadline to a later time, for a request that joins a shared read."""
        self.deadline = max(self.deadline, deadline)
