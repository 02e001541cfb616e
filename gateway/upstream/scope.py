"""What one request of ours carries into every upstream call it makes."""

from collections.abc import Callable

import msgspec

from gateway.credentials import SecretToken
from gateway.upstream.errors import CallBudgetExceeded


class CallBudget:
    """Counts the upstream calls of one request against its cap.

    Args:
        on_spend: is told of each call that is taken.

    Attributes:
        is_told: whether a refusal tells the cap; in production that is the operator's.
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
        """Take one call if there is one left; whether there was."""
        if self.spent >= self.max_calls:
            return False
        self.spent += 1
        if self._on_spend is not None:
            self._on_spend()
        return True

    def get_spent(self) -> int:
        """Return how many calls were taken so far."""
        return self.spent

    def spend(self) -> None:
        """Take one call; raises `CallBudgetExceeded` instead of passing the cap."""
        if not self.try_spend():
            error = CallBudgetExceeded(
                "this request needs more upstream calls than one may make;"
                " ask for fewer objects at once"
            )
            error.maximum = self.max_calls if self.reveal_limit else None
            raise error


class RequestScope(msgspec.Struct, eq=False):
    """The request on whose behalf calls are made.

    Compared by identity: two requests are never the same, whoever sent them. Only the deadline of
    a read that is shared ever changes.

    Attributes:
        identity: whom the upstream sees; part of every coalescing, throttle and cache key.
        token: the caller's own token, for pass-through.
        correlation_id: one for all calls of the request, sent as `MS-CorrelationId`.
        deadline: monotonic seconds after which an answer is of no use.
        budget: the calls the request may still make; one for each request, which it stands for
            where requests take turns.
    """

    identity: str
    correlation_id: str
    deadline: float
    budget: CallBudget
    token: SecretToken | None = None

    def for_shared_read(self) -> "RequestScope":
        """Return the scope of a read that goes on when this request has left."""
        return RequestScope(
            self.identity, self.correlation_id, self.deadline, self.budget, self.token
        )

    def extend_deadline(self, deadline: float) -> None:
        """Let a shared read know of a request that waits longer."""
        self.deadline = max(self.deadline, deadline)
