"""The request on whose behalf upstream calls are made."""

from collections.abc import Callable

import msgspec

from gateway.credentials import SecretToken
from gateway.upstream.errors import CallBudgetExceeded


class CallBudget:
    """Limits the number of upstream calls of one request.

    Args:
        on_spend: called for every call that is spent.

    Attributes:
        reveal_limit: whether the error names the limit; in production only operators know it.
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
        """Spend one call. Returns False if none is left."""
        if self.spent >= self.max_calls:
            return False
        self.spent += 1
        if self._on_spend is not None:
            self._on_spend()
        return True

    def get_spent(self) -> int:
        return self.spent

    def spend(self) -> None:
        """Spend one call. Raises `CallBudgetExceeded` if none is left."""
        if not self.try_spend():
            error = CallBudgetExceeded(
                "The request needs more upstream calls than one request may make."
                " Select fewer objects at once."
            )
            error.maximum = self.max_calls if self.reveal_limit else None
            raise error


class RequestScope(msgspec.Struct, eq=False):
    """The request that calls are made for.

    Scopes are compared by identity. Only the deadline of a shared read ever changes.

    Attributes:
        identity: whom the vendor sees; part of the keys for coalescing, rate limits and caching.
        token: the caller's own token, in pass-through mode.
        correlation_id: sent as `MS-CorrelationId` with every call of the request.
        deadline: a time in seconds of the monotonic clock.
        budget: the calls that the request may make. It also identifies the request where requests
            take turns, because scopes of shared reads are copies.
    """

    identity: str
    correlation_id: str
    deadline: float
    budget: CallBudget
    token: SecretToken | None = None

    def for_shared_read(self) -> "RequestScope":
        """Return a copy for a read that may outlive this request."""
        return RequestScope(
            self.identity, self.correlation_id, self.deadline, self.budget, self.token
        )

    def extend_deadline(self, deadline: float) -> None:
        """Move the deadline to a later time, for a request that joins a shared read."""
        self.deadline = max(self.deadline, deadline)
