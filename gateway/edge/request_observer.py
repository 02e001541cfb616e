"""Counts requests and their errors, and logs them if the access log is on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from graphql import GraphQLError

from gateway.edge import access_log
from gateway.edge.response import GraphQLResponse
from gateway.observability.metrics import Metrics

if TYPE_CHECKING:
    from gateway.edge.pipeline import AcceptedRequest

UNREGISTERED: Final = "unregistered"
"""The name of every operation of a document that is not registered, so that names are few."""
_UNKNOWN_TYPE: Final = "unknown"
_CANCELLED: Final = "cancelled"


class RequestObserver:
    """Updates metrics and the access log when a request ends.

    Args:
        logs: whether the access log is written.

    Attributes:
        in_flight: the number of requests that are being executed.
    """

    def __init__(self, metrics: Metrics, *, logs: bool = False) -> None:
        self.in_flight = 0
        self._metrics = metrics
        self._logs = logs
        self._observe = metrics.requests.observe

    def on_end(
        self, accepted: "AcceptedRequest", response: GraphQLResponse | None, seconds: float
    ) -> None:
        """Observe a request whose execution has ended.

        Args:
            accepted: the request.
            response: the last response; None if the client disconnected before it.
            seconds: the duration.
        """
        self.in_flight -= 1
        outcome = _CANCELLED if response is None else response.outcome
        self._observe((accepted.name, accepted.operation.type_name, outcome), seconds)
        if response is not None and response.errors:
            self._count_errors(response.errors)
        if self._logs:
            access_log.log_accepted(accepted, response, seconds * 1000)

    def on_rejected(self, response: GraphQLResponse, caller: str, seconds: float) -> None:
        """Observe a request that may not be executed."""
        self._observe((UNREGISTERED, _UNKNOWN_TYPE, response.outcome), seconds)
        self.on_error(response, caller, seconds * 1000)

    def on_error(
        self, response: GraphQLResponse, caller: str | None = None, ms: float | None = None
    ) -> None:
        """Observe an error that ended a request before its document was known."""
        self._count_errors(response.errors)
        if self._logs:
            access_log.log_rejected(response, caller, ms)

    def _count_errors(self, errors: Sequence[GraphQLError]) -> None:
        for error in errors:
            extensions = error.extensions or {}
            self._metrics.errors.labels(extensions["code"]).inc()
            if (rule := extensions.get("rule")) is not None:
                self._metrics.limit_refusals.labels(rule).inc()
