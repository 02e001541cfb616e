"""Counts requests and their errors."""

from collections.abc import Sequence
from typing import Final

from graphql import GraphQLError

from gateway.observability.metrics import Metrics

UNREGISTERED: Final = "unregistered"
"""The name of every operation of a document that is not registered, so that names are few."""


class RequestObserver:
    """Observes the end of each request.

    Attributes:
        in_flight: requests that are being executed.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.in_flight = 0
        self._metrics = metrics
        self._observe_request = metrics.requests.observe

    def on_end(
        self,
        labels: tuple[str, str, str],
        errors: Sequence[GraphQLError],
        seconds: float,
    ) -> None:
        """Count a request.

        Args:
            labels: operation, type and outcome.
            errors: formatted, those of the last response of a stream.
            seconds: its duration.
        """
        self._observe_request(labels, seconds)
        if errors:
            self.count_errors(errors)

    def count_errors(self, errors: Sequence[GraphQLError]) -> None:
        """Count formatted errors."""
        for error in errors:
            extensions = error.extensions or {}
            self._metrics.errors.labels(extensions["code"]).inc()
            if (rule := extensions.get("rule")) is not None:
                self._metrics.limit_refusals.labels(rule).inc()
